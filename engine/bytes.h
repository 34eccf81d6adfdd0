/* Fixed-width integers as bytes: big endian in keys (byte order = sort order),
 * little endian in values. Dates in keys are biased so that NONE sorts first. */
#ifndef CR_ENGINE_BYTES_H
#define CR_ENGINE_BYTES_H

#include <stdint.h>

static inline void cr_set_u16be(char *p, uint16_t v)
{
    p[0] = (char)(unsigned char)(v >> 8);
    p[1] = (char)(unsigned char)v;
}

static inline uint16_t cr_get_u16be(const char *p)
{
    return (uint16_t)((unsigned char)p[0] << 8 | (unsigned char)p[1]);
}

static inline void cr_set_u32be(char *p, uint32_t v)
{
    cr_set_u16be(p, (uint16_t)(v >> 16));
    cr_set_u16be(p + 2, (uint16_t)v);
}

static inline uint32_t cr_get_u32be(const char *p)
{
    return (uint32_t)cr_get_u16be(p) << 16 | cr_get_u16be(p + 2);
}

static inline void cr_set_u64be(char *p, uint64_t v)
{
    cr_set_u32be(p, (uint32_t)(v >> 32));
    cr_set_u32be(p + 4, (uint32_t)v);
}

static inline uint64_t cr_get_u64be(const char *p)
{
    return (uint64_t)cr_get_u32be(p) << 32 | cr_get_u32be(p + 4);
}

static inline void cr_set_u16le(char *p, uint16_t v)
{
    p[0] = (char)(unsigned char)v;
    p[1] = (char)(unsigned char)(v >> 8);
}

static inline uint16_t cr_get_u16le(const char *p)
{
    return (uint16_t)((unsigned char)p[1] << 8 | (unsigned char)p[0]);
}

static inline void cr_set_u32le(char *p, uint32_t v)
{
    cr_set_u16le(p, (uint16_t)v);
    cr_set_u16le(p + 2, (uint16_t)(v >> 16));
}

static inline uint32_t cr_get_u32le(const char *p)
{
    return (uint32_t)cr_get_u16le(p + 2) << 16 | cr_get_u16le(p);
}

static inline void cr_set_u64le(char *p, uint64_t v)
{
    cr_set_u32le(p, (uint32_t)v);
    cr_set_u32le(p + 4, (uint32_t)(v >> 32));
}

static inline uint64_t cr_get_u64le(const char *p)
{
    return (uint64_t)cr_get_u32le(p + 4) << 32 | cr_get_u32le(p);
}

static inline uint32_t cr_date_bias(int32_t date)
{
    return (uint32_t)date ^ UINT32_C(0x80000000);
}

static inline int32_t cr_date_unbias(uint32_t key)
{
    return (int32_t)(key ^ UINT32_C(0x80000000));
}

#endif
