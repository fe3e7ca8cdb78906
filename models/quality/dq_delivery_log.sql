-- What became of every file the municipality delivered: rows loaded, set aside by the reader and by staging.

with files as (

    select * from {{ source('raw', 'delivery_files') }}

),

withdrawn as (

    select * from {{ source('raw', 'withdrawn_deliveries') }}

),

in_staging as (

    select
        extract_id,
        count(*) as n_rejected
    from {{ ref('dq_rejected_rows') }}
    where found_by = 'staging'
    group by extract_id

),

-- Two files may hold the same rows; those set aside in staging are told of the file received last.
ranked as (

    select
        *,
        row_number() over (partition by extract_id order by received_at desc, file asc) as place
    from files

),

counted as (

    select
        ranked.*,
        case
            when ranked.extract_id is not null and ranked.place = 1 then coalesce(in_staging.n_rejected, 0)
            else 0
        end as rejected_in_staging
    from ranked
    left join in_staging
        on ranked.extract_id = in_staging.extract_id

)

select
    counted.file,
    counted.kind,
    counted.received_at,
    counted.sha256,
    counted.delivered,
    counted.accepted - counted.rejected_in_staging as loaded,
    counted.quarantined + counted.rejected_in_staging as rejected,
    counted.duplicates,
    counted.refused_rule,
    case
        when withdrawn.sha256 is not null then 'Återtagen: uppgifterna är borttagna och läses inte igen.'
        when counted.refused_rule is not null
            then 'Avvisad: hela filen behöver rättas och lämnas igen. Se rapporten bredvid filen.'
        when counted.quarantined > 0 then 'Mottagen, men rader lades åt sidan. Se rapporten bredvid filen.'
        when counted.rejected_in_staging > 0
            then 'Mottagen, men rader stämde inte med kommunens register, till exempel okänd enhet.'
        else 'Mottagen.'
    end as state_sv,
    counted.report,
    withdrawn.withdrawn_at,
    withdrawn.withdrawn_by,
    withdrawn.reason as withdrawn_reason,
    withdrawn.rows_withdrawn
from counted
left join withdrawn
    on counted.sha256 = withdrawn.sha256
