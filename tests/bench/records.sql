-- The penalties of the raw table as the decision looks at them, for both databases: what
-- the library keeps in the header of a version. A day is a number, see decide.sql; the
-- authority's sector and the special domain are found from the same words as in the pack.
select cf_xdr_shxym as code, cf_wsh as document,
    (cast(substr(cf_jdrq, 1, 4) as integer) * 12 + cast(substr(cf_jdrq, 6, 2) as integer) - 1) * 32 +
        cast(substr(cf_jdrq, 9, 2) as integer) as decided,
    (cast(substr(cf_yxq, 1, 4) as integer) * 12 + cast(substr(cf_yxq, 6, 2) as integer) - 1) * 32 +
        cast(substr(cf_yxq, 9, 2) as integer) as until,
    cf_cflb as kind, cast(nullif(cf_nr_fk, '') as double precision) as fine,
    case
    when cf_cfjg like '%市场监督%' or cf_cfjg like '%药品监督%' or cf_cfjg like '%市场监管%' then 'market'
    when cf_cfjg like '%消防%' then 'fire'
    when cf_cfjg like '%应急管理%' or cf_cfjg like '%安全生产监督%' then 'emergency'
    else 'other' end as sector,
    cf_wfxw like '%食品%' or cf_wfxw like '%药品%' or cf_wfxw like '%疫苗%' or cf_wfxw like '%医疗器械%' or
        cf_wfxw like '%化妆品%' or cf_wfxw like '%特种设备%' or cf_wfxw like '%工业产品生产许可%' as domain,
    cf_wfxw as violation
from raw
