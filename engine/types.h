/* The public vocabulary: result codes, spans, dates, errors.
 *
 * Installed as <credit/types.h> and included by <credit/credit.h>; every folder
 * may include it, it includes nothing but the standard library. */
#ifndef CREDIT_TYPES_H
#define CREDIT_TYPES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CREDIT_MUST_CHECK __attribute__((warn_unused_result))
#define CREDIT_API __attribute__((visibility("default")))
#else
#define CREDIT_MUST_CHECK
#define CREDIT_API
#endif

/**
 * What a call came to. Negative values are failures; they keep their numbers
 * for ever and are never reused. credit_result_class() folds them to what the
 * caller can do about them.
 */
typedef enum credit_result {
    CREDIT_OK = 0,           /**< done; outputs are filled */
    CREDIT_DONE = 1,         /**< a walk has come to its end; not an error */
    CREDIT_E_USAGE = -2001,  /**< the call itself is wrong (NULL, bad option) */
    CREDIT_E_NOT_FOUND = -2002, /**< no such file, store, subject or key */
    CREDIT_E_EXISTS = -2003,    /**< it is there already */
    CREDIT_E_DATA = -2004,      /**< input data is malformed */
    CREDIT_E_HEADER = -2005,    /**< no catalog has these columns */
    CREDIT_E_REJECTED = -2006,  /**< every row of a file was refused */
    CREDIT_E_PACK = -2007,      /**< the policy pack is malformed */
    CREDIT_E_FORMAT = -2008,    /**< not a store, or one of another format */
    CREDIT_E_CORRUPT = -2009,   /**< the store contradicts itself */
    CREDIT_E_FULL = -2010,      /**< the disk is full or broken */
    CREDIT_E_IO = -2011,        /**< reading or writing failed */
    CREDIT_E_ACCESS = -2012,    /**< no permission, or read-only */
    CREDIT_E_NOMEM = -2013,     /**< out of memory */
    CREDIT_E_BUSY = -2014,      /**< somebody else holds it */
    CREDIT_E_CRYPTO = -2015,    /**< the cryptographic library refused */
    CREDIT_E_UNTRUSTED = -2016, /**< a signature, chain or digest does not hold */
    CREDIT_E_LIMIT = -2017,     /**< a named limit was exceeded */
    CREDIT_E_KEY = -2018,       /**< key and certificate do not belong together */
    CREDIT_E_BUG = -2099        /**< our mistake: please report it */
} credit_result;

/** What the caller can do about a result. */
typedef enum credit_class {
    CREDIT_CLASS_OK = 0,      /**< nothing to do */
    CREDIT_CLASS_CALL = 1,    /**< fix the call */
    CREDIT_CLASS_DATA = 2,    /**< fix the data */
    CREDIT_CLASS_MACHINE = 3, /**< fix the machine */
    CREDIT_CLASS_TRUST = 4,   /**< do not trust it */
    CREDIT_CLASS_BUG = 5      /**< report it */
} credit_class;

/** UTF-8 text or bytes: a pointer and a size, never a terminator. */
typedef struct credit_span {
    const char *data;
    size_t size;
} credit_span;

/** A legal date (no time zone): days since 1970-01-01, proleptic Gregorian. */
typedef int32_t credit_date;
#define CREDIT_DATE_NONE INT32_MIN /**< no date given */
#define CREDIT_DATE_FOREVER INT32_MAX /**< long-term (长期): no end */

/** An instant: microseconds since 1970-01-01T00:00:00Z. */
typedef int64_t credit_instant;
#define CREDIT_INSTANT_NONE INT64_MIN

/**
 * Where and why something failed. Fixed size, so that it works when memory has
 * run out; owned by the caller, never kept by the library. The message is one
 * line without a full stop and holds no personal number and no secret.
 */
typedef struct credit_error {
    credit_result code;
    uint64_t line;     /**< 1-based line of the input, 0 if it has none */
    uint64_t column;   /**< 1-based byte column, 0 if unknown */
    char field[64];    /**< column or element concerned, "" if none */
    char message[512]; /**< what was wrong and what was seen */
} credit_error;

#define CREDIT_ERROR_INIT {CREDIT_OK, 0, 0, "", ""}

#ifdef __cplusplus
}
#endif
#endif
