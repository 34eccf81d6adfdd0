#include "keys/verdict.h"

#include <stdarg.h>
#include <stdio.h>

bool cr_verdict_holds(const cr_verdict *verdict)
{
    return verdict->signature.state == CR_CHECK_OK && verdict->chain.state == CR_CHECK_OK &&
           verdict->digest.state == CR_CHECK_OK && verdict->timestamp.state != CR_CHECK_BAD;
}

void cr_verdict_refuse(cr_verdict *verdict, const credit_error *why)
{
    *verdict = (cr_verdict){0};
    cr_check_bad(&verdict->digest, "%s", why->message);
    cr_check_absent(&verdict->signature, "not judged: the container was refused");
    cr_check_absent(&verdict->chain, "not judged: the container was refused");
    cr_check_absent(&verdict->timestamp, "not judged: the container was refused");
}

const char *cr_check_state_name(cr_check_state state)
{
    switch (state) {
    case CR_CHECK_OK:
        return "ok";
    case CR_CHECK_BAD:
        return "bad";
    case CR_CHECK_ABSENT:
        break;
    }
    return "absent";
}

void cr_check_ok(cr_verdict_check *check)
{
    check->state = CR_CHECK_OK;
    check->reason[0] = '\0';
}

void cr_check_absent(cr_verdict_check *check, const char *reason)
{
    check->state = CR_CHECK_ABSENT;
    snprintf(check->reason, sizeof check->reason, "%s", reason);
}

void cr_check_bad(cr_verdict_check *check, const char *format, ...)
{
    if (check->state == CR_CHECK_BAD) { return; }
    va_list args;
    va_start(args, format);
    check->state = CR_CHECK_BAD;
    vsnprintf(check->reason, sizeof check->reason, format, args);
    va_end(args);
}
