/* When does the answer change? Every comparison of a date that derives from
 * the clock with one that does not is asked for the first later day on which
 * it would come out differently; the least of them is the answer's last day
 * plus one.
 *
 * f(day) is the derived date. Adding months clamps to the month's end, so f
 * does not move by one a day, but it never goes back: the first day on which it
 * reaches a given date lies near where the steps taken backwards lead. */
#include "engine/feel_internal.h"

#include "engine/feel_time.h"

/* Far enough to leave the calendar from anywhere in it. */
#define MONTHS_MAX INT64_C(24000000000)
#define DAYS_MAX INT64_C(800000000000)

/* The same few dates are moved by the same few periods again and again. */
static int64_t add_months(cr_eval *eval, int64_t days, int64_t months)
{
    uint64_t place = ((uint64_t)days * 31 + (uint64_t)months) % CR_EVAL_MOVED_MAX;
    cr_moved_date *moved = &eval->moved[place];
    if (moved->days != days || moved->months != months) {
        *moved = (cr_moved_date){days, months, cr_days_add_months(days, months)};
    }
    return moved->result;
}

static int64_t derive(cr_eval *eval, const cr_clock_step *step, int64_t clock)
{
    if (step == NULL) { return clock; }
    int64_t days = derive(eval, step->prior, clock);
    if (step->months != 0) { days = add_months(eval, days, step->months); }
    return days + step->days;
}

static int64_t step_count(const cr_clock_step *step)
{
    int64_t count = 0;
    for (; step != NULL; step = step->prior) { count++; }
    return count;
}

static bool only_days(const cr_clock_step *step)
{
    for (; step != NULL; step = step->prior) {
        if (step->months != 0) { return false; }
    }
    return true;
}

static void lower_next_change(cr_eval *eval, int64_t day)
{
    if (day < eval->next_change) { eval->next_change = day; }
}

void cr_clock_touch(cr_eval *eval)
{
    lower_next_change(eval, eval->clock_day + 1);
}

/* The steps taken backwards: near the day that leads to `target`, not always
 * on it, as month ends are clamped. */
static int64_t go_back(cr_eval *eval, const cr_clock_step *steps, int64_t target)
{
    for (; steps != NULL; steps = steps->prior) {
        target -= steps->days;
        if (steps->months != 0) { target = add_months(eval, target, -steps->months); }
    }
    return target;
}

/* The first day after the clock's on which f is at least `target`, knowing
 * that it is less today: from an estimate, a few days up or down. */
static int64_t first_day_at(cr_eval *eval, const cr_clock_step *steps, int64_t target)
{
    int64_t day = go_back(eval, steps, target);
    if (day <= eval->clock_day) { day = eval->clock_day + 1; }
    while (derive(eval, steps, day) < target) { day++; }
    while (day - 1 > eval->clock_day && derive(eval, steps, day - 1) >= target) { day--; }
    return day;
}

/* Can the first such day come before what is known to change? f moves by a day
 * a day, give or take the clamping of each step. */
static bool may_come_first(
    const cr_eval *eval, const cr_clock_step *steps, int64_t now, int64_t target)
{
    int64_t slack = 4 * step_count(steps);
    return eval->clock_day + (target - now) - slack < eval->next_change;
}

/* `op` relates the derived date on the left to `fixed` on the right. Once the
 * derived date is past the fixed one, nothing flips any more. */
static void note_flip(cr_eval *eval, cr_op op, cr_feel_value derived, int64_t fixed)
{
    const cr_clock_step *steps = derived.as.date.steps;
    int64_t now = derived.as.date.days;
    bool reaching = op != CR_OP_LE && op != CR_OP_GT; /* does < become = matter? */
    bool passing = op != CR_OP_LT && op != CR_OP_GE;  /* does = become > matter? */
    bool reaches = now < fixed && reaching;
    if (now > fixed || (!reaches && !passing)) { return; }
    int64_t target = reaches ? fixed : fixed + 1;
    if (!may_come_first(eval, steps, now, target)) { return; }
    int64_t day = first_day_at(eval, steps, target);
    /* An equality that is jumped over never comes true. */
    bool equality = op == CR_OP_EQ || op == CR_OP_NE;
    if (!equality || !reaches || derive(eval, steps, day) == fixed) {
        lower_next_change(eval, day);
    }
}

static cr_op mirrored(cr_op op)
{
    switch (op) {
    case CR_OP_LT:
        return CR_OP_GT;
    case CR_OP_LE:
        return CR_OP_GE;
    case CR_OP_GT:
        return CR_OP_LT;
    case CR_OP_GE:
        return CR_OP_LE;
    default:
        return op;
    }
}

void cr_clock_note(cr_eval *eval, cr_op op, cr_feel_value a, cr_feel_value b)
{
    bool left = (a.flags & CR_FEEL_CLOCK) != 0, right = (b.flags & CR_FEEL_CLOCK) != 0;
    if (left && right) {
        /* Both move alike: the relation stays. Otherwise who knows. */
        bool alike = a.as.date.steps == b.as.date.steps ||
                     (only_days(a.as.date.steps) && only_days(b.as.date.steps));
        if (!alike) { cr_clock_touch(eval); }
    } else if (left) {
        note_flip(eval, op, a, b.as.date.days);
    } else if (right) {
        note_flip(eval, mirrored(op), b, a.as.date.days);
    }
}

/* The step by which a clock date was moved joins those before. */
static void keep_step(
    cr_eval *eval, const cr_feel_value *date, int64_t months, int64_t days, cr_feel_value *out)
{
    cr_clock_step *step = cr_eval_take(eval, 1, sizeof *step);
    if (step == NULL) {
        *out = cr_feel_null();
        return;
    }
    *step = (cr_clock_step){date->as.date.steps, months, days};
    out->flags = CR_FEEL_CLOCK;
    out->as.date.steps = step;
}

void cr_clock_shift(
    cr_eval *eval, const cr_feel_value *date, int64_t months, int64_t days, cr_feel_value *out)
{
    bool far = months > MONTHS_MAX || months < -MONTHS_MAX || days > DAYS_MAX || days < -DAYS_MAX;
    int64_t from = date->as.date.days, moved = from;
    if (!far && months != 0) { moved = add_months(eval, from, months); }
    if (far || !cr_days_in_range(moved + days)) {
        *out = cr_complain(eval, "the date is out of range");
        return;
    }
    *out = (cr_feel_value){.kind = CR_FEEL_DATE, .as.date.days = moved + days};
    if ((date->flags & CR_FEEL_CLOCK) != 0) { keep_step(eval, date, months, days, out); }
}
