-- The green channel for an organisation of which the store has penalties alone, as the
-- shipped pack decides it: tier, watch list and grants, with every rule that speaks, at the
-- end. $1 is the unified code, $2 the day. A day is a number, (year × 12 + month) × 32 +
-- day, so that 32 is a month; the table is that of records.sql. Parameters of the pack stand here
-- as constants.
with penalty as (
    select decided, until, violation, sector, domain, kind, fine,
        kind in ('警告', '通报批评') as mild,
        kind in ('责令停产停业', '限制从业') as restriction,
        kind in ('责令停产停业', '限制从业', '吊销许可证件', '暂扣许可证件') as heavy,
        sector = 'market' and domain or sector = 'fire' or
            sector = 'emergency' and (kind in ('责令停产停业', '限制从业', '吊销许可证件', '暂扣许可证件') or
                kind = '罚款' and fine >= 10) as special,
        case when sector = 'market' then 777977 else 778081 end as rule_from, -- 2025-12-25, 2026-04-01
        case when sector = 'market' then 777976 else 778079 end as rule_eve
    from pen where code = $1 and decided <= $2
), classed as (
    select *,
        case
        when sector = 'market' then case
            when mild then 'minor'
            when kind = '吊销许可证件' or restriction or special then 'serious'
            else 'general' end
        when heavy then 'serious'
        when kind = '罚款' and fine >= 100 then 'serious'
        when kind = '罚款' and fine < 0.3 or mild then 'minor'
        else 'general' end as severity,
        case
        when sector = 'market' then kind = '罚款' and fine <= 5
        when heavy then false
        when kind = '罚款' then fine is null or fine >= 100
        else kind = '没收违法所得' end as doubtful
    from penalty
), present as (
    select *,
        case
        when sector = 'market' then kind <> '警告'
        else severity <> 'minor' end as shown_now,
        case
        when severity = 'serious' then 36 * 32
        when severity = 'general' then 12 * 32
        when sector = 'market' and kind = '警告' then 0
        else 3 * 32 end as months_now
    from classed
), dated as (
    select *,
        case
        when decided >= rule_from then shown_now
        when sector = 'market' and decided >= 776321 then kind <> '警告' -- 2021-09-01
        when sector <> 'market' and decided >= 776961 then not mild       -- 2023-05-01
        else true end as published,
        case
        when decided >= rule_from then months_now
        when sector = 'market' and decided >= 776321 then
            case when kind = '警告' then 0 when kind = '通报批评' then 3 * 32 else 36 * 32 end
        when sector <> 'market' and decided >= 776961 then case when mild then 0 else 36 * 32 end
        when special or heavy then 36 * 32
        else 12 * 32 end as months_then,
        decided + case when shown_now then months_now else 0 end as end_class
    from present
), ended as (
    select *,
        case when sector = 'market' and restriction and until > end_class then until else end_class end as end_now
    from dated
), limited as (
    select *,
        case when decided >= rule_from or end_now > rule_eve then end_now else rule_eve end as end_limit
    from ended
), judged as materialized (
    select decided, violation, kind, severity, doubtful,
        published and case
            when decided < rule_from and decided + months_then < end_limit then decided + months_then
            else end_limit end >= $2 as standing,
        decided + 12 * 32 >= $2 as recent
    from limited
), facts as (
    select
        case when exists (
            select 1 from judged r where r.recent and r.severity <> 'minor' and (
                select count(*) from judged c
                where c.severity <> 'minor' and c.decided between r.decided - 384 and r.decided) >= 2)
            then 1 else 0 end as w1,
        case when exists (
            select 1 from judged p join judged e on e.violation = p.violation and e.decided < p.decided
                and e.decided + 768 >= p.decided where p.recent)
            then 1 else 0 end as w2,
        case when exists (
            select 1 from judged r where r.recent and r.severity = 'serious' and (
                select count(*) from judged c
                where c.severity = 'serious' and c.decided between r.decided - 1152 and r.decided) >= 3)
            then 1 else 0 end as w6,
        coalesce(max(case when standing and kind = '吊销许可证件' then 1 end), 0) as revoked,
        coalesce(max(case when standing then case severity when 'serious' then 3 when 'general' then 2 else 1 end end), 0) as worst,
        count(case when standing and severity = 'general' then 1 end) as generals,
        coalesce(max(case when standing and doubtful then 1 end), 0) as doubtful
    from judged
), tiered as (
    select *,
        case
        when revoked = 1 then 'T1:D' when worst = 3 or w1 + w2 + w6 > 0 then 'T2:C'
        when worst = 2 then case when generals >= 2 then 'T3:C' else 'T3:B' end
        else 'T0:' end as tier
    from facts
)
select case when w1 + w2 + w6 > 0 or tier in ('T1:D', 'T2:C', 'T3:C') then 'ineligible' else 'review' end ||
    case when w1 = 1 then ' W1:watch' else '' end || case when w2 = 1 then ' W2:watch' else '' end ||
    case when w6 = 1 then ' W6:watch' else '' end || ' ' || tier || ' G0:review' ||
    case when worst > 0 then ' G3:refuse' else '' end || case when doubtful = 1 then ' G3:review' else '' end ||
    case tier when 'T3:B' then ' G7:grant' when 'T0:' then '' else ' G8:refuse' end ||
    case when w1 + w2 + w6 > 0 then ' G8:refuse' else '' end || case tier when 'T0:' then ' G8:review' else '' end
from tiered
