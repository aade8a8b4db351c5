-- Trino's functions that DuckDB lacks, or has with another meaning.
--
-- A statement ends with a semicolon at the end of a line. A macro whose name begins with st_ serves
-- the macros below it, and no statement from the network can call it. An aggregate cannot be a macro,
-- since macros take neither DISTINCT nor FILTER: functions.cc renames it (kRenamed).

-- Ends the statement with a message. DuckDB's error() counts as volatile, which TRY refuses; text
-- that is no JSON fails too, and trino_messages.cc shows what is behind its "! ", in 48 bytes.
CREATE MACRO st_fail(message) AS
  CAST(system.main.json_extract('! ' || message, '$') AS VARCHAR);

CREATE MACRO concat
  (a, b) AS a || b,
  (a, b, c) AS a || b || c,
  (a, b, c, d) AS a || b || c || d,
  (a, b, c, d, e) AS a || b || c || d || e,
  (a, b, c, d, e, f) AS a || b || c || d || e || f,
  (a, b, c, d, e, f, g) AS a || b || c || d || e || f || g,
  (a, b, c, d, e, f, g, h) AS a || b || c || d || e || f || g || h,
  (a, b, c, d, e, f, g, h, i) AS a || b || c || d || e || f || g || h || i,
  (a, b, c, d, e, f, g, h, i, j) AS a || b || c || d || e || f || g || h || i || j;

-- An array's elements are joined; those that are NULL are left out.
CREATE MACRO concat_ws
  (s, a) AS CASE WHEN system.main.typeof(a) LIKE '%[]'
    THEN array_to_string(TRY_CAST(a AS VARCHAR[]), s) ELSE system.main.concat_ws(s, a) END,
  (s, a, b) AS system.main.concat_ws(s, a, b),
  (s, a, b, c) AS system.main.concat_ws(s, a, b, c),
  (s, a, b, c, d) AS system.main.concat_ws(s, a, b, c, d),
  (s, a, b, c, d, e) AS system.main.concat_ws(s, a, b, c, d, e),
  (s, a, b, c, d, e, f) AS system.main.concat_ws(s, a, b, c, d, e, f),
  (s, a, b, c, d, e, f, g) AS system.main.concat_ws(s, a, b, c, d, e, f, g),
  (s, a, b, c, d, e, f, g, h) AS system.main.concat_ws(s, a, b, c, d, e, f, g, h),
  (s, a, b, c, d, e, f, g, h, i) AS system.main.concat_ws(s, a, b, c, d, e, f, g, h, i);

-- Of a list; NULL where an element is.
CREATE MACRO st_greatest(x) AS
  list_reduce(x, lambda a, b: CASE WHEN a <= b THEN b WHEN a > b THEN a END);

CREATE MACRO st_least(x) AS
  list_reduce(x, lambda a, b: CASE WHEN a >= b THEN b WHEN a < b THEN a END);

CREATE MACRO greatest
  (a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN system.main.greatest(a, b) END,
  (a, b, c) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL
    THEN system.main.greatest(a, b, c) END,
  (a) AS a,
  (a, b, c, d) AS st_greatest([a, b, c, d]),
  (a, b, c, d, e) AS st_greatest([a, b, c, d, e]),
  (a, b, c, d, e, f) AS st_greatest([a, b, c, d, e, f]);

CREATE MACRO least
  (a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN system.main.least(a, b) END,
  (a, b, c) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL
    THEN system.main.least(a, b, c) END,
  (a) AS a,
  (a, b, c, d) AS st_least([a, b, c, d]),
  (a, b, c, d, e) AS st_least([a, b, c, d, e]),
  (a, b, c, d, e, f) AS st_least([a, b, c, d, e, f]);

-- A position of 0 or before the text's begin selects nothing, as a count below 0 does.
CREATE MACRO st_start(s, i) AS
  CASE WHEN i = 0 OR i < -length(s) THEN 2147483647 ELSE i END;

CREATE MACRO substr
  (s, i) AS system.main.substring(s, st_start(s, i)),
  (s, i, n) AS system.main.substring(s, st_start(s, i), CASE WHEN n < 0 THEN 0 ELSE n END);

CREATE MACRO substring
  (s, i) AS system.main.substring(s, st_start(s, i)),
  (s, i, n) AS system.main.substring(s, st_start(s, i), CASE WHEN n < 0 THEN 0 ELSE n END);

CREATE MACRO split(s, d) AS
  CASE WHEN d IS NOT NULL THEN str_split(s,
    CASE WHEN d = '' THEN st_fail('The delimiter may not be the empty string') ELSE d END) END;

CREATE MACRO split_part(s, d, i) AS str_split(s, d)[
  CASE WHEN i < 1 THEN CAST(st_fail('Index must be greater than zero') AS BIGINT) ELSE i END];

CREATE MACRO replace
  (s, a) AS system.main.replace(s, a, ''),
  (s, a, b) AS system.main.replace(s, a, b);

CREATE MACRO sign(x) AS cast_to_type(system.main.sign(x), x);

-- A date has no hours.
CREATE MACRO st_unit(unit, x) AS
  CASE WHEN system.main.typeof(x) = 'DATE' AND
    lower(unit) IN ('millisecond', 'second', 'minute', 'hour')
    THEN st_fail('''' || unit || ''' is not a valid DATE field') ELSE unit END;

CREATE MACRO date_trunc(unit, x) AS
  cast_to_type(system.main.date_trunc(st_unit(unit, x), x), x);

CREATE MACRO date_diff(unit, a, b) AS
  date_sub(CASE WHEN system.main.typeof(b) = 'DATE' THEN st_unit(unit, a) ELSE unit END, a, b);

CREATE MACRO date_add(unit, n, x) AS cast_to_type(
  x + CASE lower(st_unit(unit, x))
    WHEN 'millisecond' THEN to_milliseconds(n)
    WHEN 'second' THEN to_seconds(n)
    WHEN 'minute' THEN to_minutes(n)
    WHEN 'hour' THEN to_hours(n)
    WHEN 'day' THEN to_days(n::INTEGER)
    WHEN 'week' THEN to_weeks(n::INTEGER)
    WHEN 'month' THEN to_months(n::INTEGER)
    WHEN 'quarter' THEN to_quarters(n::INTEGER)
    WHEN 'year' THEN to_years(n::INTEGER)
    ELSE CAST(st_fail('''' || unit || ''' is not a valid TIMESTAMP field') AS INTERVAL)
  END,
  x);

-- MySQL's format as strftime's; chr(1) and chr(2) stand for %% and %M on the way.
CREATE MACRO st_format1(f) AS
  replace(replace(replace(replace(replace(f, '%%', chr(1)), '%i', chr(2)),
    '%T', '%H:' || chr(2) || ':%S'), '%r', '%I:' || chr(2) || ':%S %p'), '%M', '%B');

CREATE MACRO st_format2(f) AS
  replace(replace(replace(replace(replace(replace(replace(replace(replace(f, '%W', '%A'),
    '%c', '%-m'), '%e', '%-d'), '%h', '%I'), '%k', '%-H'), '%l', '%-I'), '%s', '%S'),
    '%v', '%V'), '%x', '%G');

-- Some letters are refused, and one that means nothing stands for itself.
CREATE MACRO st_format0(f) AS
  CASE WHEN regexp_matches(system.main.replace(f, '%%', ''), '%[DUuVwX]')
    THEN st_fail(system.main.regexp_extract(system.main.replace(f, '%%', ''), '%[DUuVwX]') ||
      ' not supported in date format string')
    ELSE system.main.replace(system.main.regexp_replace(system.main.replace(f, '%%', chr(1)),
      '%([^abcdefHhIijklMmprSsTvWxYy])', '\1', 'g'), chr(1), '%%') END;

CREATE MACRO st_format(f) AS
  replace(replace(st_format2(st_format1(st_format0(f))), chr(2), '%M'), chr(1), '%%');

CREATE MACRO date_format(x, f) AS strftime(x, st_format(f));

CREATE MACRO date(x) AS CAST(x AS DATE);

CREATE MACRO from_iso8601_timestamp(s) AS CAST(s AS TIMESTAMPTZ);

CREATE MACRO from_iso8601_date(s) AS CAST(s AS DATE);

-- A timestamp without a zone counts as UTC, of which DuckDB would make the zone's.
CREATE MACRO timezone(zone, x) AS system.main.timezone(zone, CAST(x AS TIMESTAMPTZ));

CREATE MACRO at_timezone(x, zone) AS system.main.timezone(zone, CAST(x AS TIMESTAMPTZ));

CREATE MACRO millisecond(x) AS system.main.millisecond(x) % 1000;

-- Trino's paths begin at $ and select one value; DuckDB's go without it, select many, and count
-- from an array's end.
CREATE MACRO st_path(p) AS
  CASE WHEN regexp_matches(system.main.regexp_replace(p, '"[^"]*"', '""', 'g'),
    '^$|^[^$]|\*|\.\.|\[-') THEN st_fail('Invalid JSON path: ''' || p || '''')
    ELSE system.main.regexp_replace(p, '\["([^"]*)"\]', '."\1"', 'g') END;

-- Whether a text is JSON. DuckDB takes NaN, Infinity and a comma before a bracket too: where one may
-- be, the text is looked at without its strings, in which letters are of true, false and null alone.
CREATE MACRO st_is_json(j) AS
  CASE
    WHEN NOT regexp_matches(j,
      '(?:^|[:\[,\s-])(?:[nN][aA][nN]|[iI][nN][fF])|,\s*[\]}]') THEN json_valid(j)
    WHEN regexp_matches(system.main.regexp_replace(j, '"(?:[^"\\]|\\.)*"', '""', 'g'),
      '[iIN]|na|,\s*[\]}]') THEN false
    ELSE json_valid(j)
  END;

CREATE MACRO json_extract_scalar(j, path) AS
  CASE WHEN st_is_json(j) AND json_type(j, st_path(path)) NOT IN ('OBJECT', 'ARRAY')
    THEN json_extract_string(j, st_path(path)) END;

CREATE MACRO json_extract(j, path) AS
  CASE WHEN st_is_json(j) THEN system.main.json_extract(j, st_path(path)) END;

CREATE MACRO json_parse(s) AS
  CASE
    WHEN s IS NULL THEN NULL
    WHEN st_is_json(s) THEN system.main.json_extract(s, '$')
    ELSE CAST(st_fail('Cannot convert value to JSON: ''' || s || '''') AS JSON)
  END;

CREATE MACRO json_format(j) AS CAST(j AS VARCHAR);

CREATE MACRO json_array_length(j) AS
  CASE WHEN st_is_json(j) AND json_type(j) = 'ARRAY'
    THEN CAST(system.main.json_array_length(j) AS BIGINT) END;

CREATE MACRO json_size(j, path) AS
  CASE WHEN st_is_json(j) THEN
    CASE json_type(j, st_path(path))
      WHEN 'ARRAY' THEN CAST(system.main.json_array_length(j, st_path(path)) AS BIGINT)
      WHEN 'OBJECT' THEN len(json_keys(j, st_path(path)))
      ELSE CASE WHEN json_type(j, st_path(path)) IS NOT NULL THEN 0 END
    END
  END;

CREATE MACRO is_json_scalar(j) AS
  CASE
    WHEN j IS NULL THEN NULL
    WHEN st_is_json(j) THEN json_type(j) NOT IN ('OBJECT', 'ARRAY')
    ELSE CAST(st_fail('Invalid JSON value: ' || j) AS BOOLEAN)
  END;

-- Bytes as text, with `r` in the place of each sequence that is no UTF-8. A match of the pattern is
-- the hexadecimal form of one character, or of as many bytes as Trino's decoder takes for one.
CREATE MACRO st_valid_utf8() AS '[0-7].|C[2-9A-F][89AB].|D.[89AB].|E0[AB].[89AB].|' ||
  'E[1-9A-CEF](?:[89AB].){2}|ED[89].[89AB].|F0[9AB].(?:[89AB].){2}|F[1-3](?:[89AB].){3}|' ||
  'F48.(?:[89AB].){2}';

CREATE MACRO st_utf8_parts() AS st_valid_utf8() || '|[CD].(?:[89AB].)?|E.(?:[89AB].){0,2}|' ||
  'F[0-7](?:[89AB].){0,3}|F[89AB](?:[89AB].){0,4}|F[CD](?:[89AB].){0,5}|..';

CREATE MACRO st_utf8_text(b, r) AS coalesce(
  try(decode(b)),
  array_to_string(
    list_transform(
      regexp_extract_all(hex(b), st_utf8_parts()),
      lambda x: CASE WHEN regexp_full_match(x, st_valid_utf8()) THEN decode(unhex(x)) ELSE r END),
    ''));

-- A number is a code point.
CREATE MACRO st_replacement_text(r) AS
  CASE WHEN system.main.typeof(r) IN ('VARCHAR', '"NULL"') THEN CAST(r AS VARCHAR)
    ELSE chr(TRY_CAST(r AS INTEGER)) END;

CREATE MACRO from_utf8
  (b) AS st_utf8_text(b, chr(65533)),
  (b, r) AS CASE
    WHEN r IS NULL THEN NULL
    WHEN length(st_replacement_text(r)) > 1 THEN
      st_fail('Replacement must be empty or a single character')
    ELSE st_utf8_text(b, st_replacement_text(r)) END;

CREATE MACRO element_at(x, i) AS x[i];

CREATE MACRO slice(a, start, length) AS list_slice(
  a,
  CASE
    WHEN start = 0 THEN CAST(st_fail('SQL array indices start at 1') AS BIGINT)
    WHEN length < 0 THEN CAST(st_fail('length must be greater than or equal to 0') AS BIGINT)
    ELSE start END,
  start + length - 1);

-- NULL is an element like others, which DuckDB's functions on sets of elements pass over.
CREATE MACRO st_has_null(a) AS list_count(a) < len(a);

CREATE MACRO st_distinct(a) AS
  CASE WHEN st_has_null(a) THEN list_append(list_distinct(a), NULL) ELSE list_distinct(a) END;

CREATE MACRO contains(a, x) AS
  list_contains(a, x) OR CASE WHEN st_has_null(a) THEN NULL ELSE false END;

CREATE MACRO arrays_overlap(a, b) AS
  list_has_any(a, b) OR CASE WHEN st_has_null(a) OR st_has_null(b) THEN NULL ELSE false END;

CREATE MACRO array_join
  (a, d) AS array_to_string(a, d),
  (a, d, n) AS array_to_string(
    list_transform(a, lambda x: coalesce(CAST(x AS VARCHAR), n)), d);

CREATE MACRO array_max(a) AS CASE WHEN NOT st_has_null(a) THEN list_max(a) END;

CREATE MACRO array_min(a) AS CASE WHEN NOT st_has_null(a) THEN list_min(a) END;

CREATE MACRO array_position(a, x) AS
  CASE WHEN a IS NOT NULL AND x IS NOT NULL
    THEN CAST(coalesce(list_position(a, x), 0) AS BIGINT) END;

CREATE MACRO array_remove(a, x) AS
  CASE WHEN x IS NOT NULL THEN list_filter(a, lambda v: v IS DISTINCT FROM x) END;

CREATE MACRO array_distinct(a) AS st_distinct(a);

CREATE MACRO array_union(a, b) AS st_distinct(a || b);

CREATE MACRO array_intersect(a, b) AS
  CASE WHEN st_has_null(a) AND st_has_null(b) THEN list_append(list_intersect(a, b), NULL)
    ELSE list_intersect(a, b) END;

CREATE MACRO array_sort(a) AS list_sort(a, 'ASC', 'NULLS LAST');

CREATE MACRO sequence
  (a, b) AS generate_series(a, b, CASE WHEN a <= b THEN 1 ELSE -1 END),
  (a, b, s) AS generate_series(a, b, s);

-- A group that matched nothing is NULL in regexp_extract_all alone.
CREATE MACRO regexp_extract
  (s, p) AS CASE WHEN regexp_matches(s, p) THEN system.main.regexp_extract(s, p) END,
  (s, p, g) AS CASE WHEN regexp_matches(s, p) THEN
    CASE WHEN system.main.regexp_extract(s, p, g) <> '' THEN system.main.regexp_extract(s, p, g)
      ELSE regexp_extract_all(s, p, g)[1] END END;

-- Java's replacement as RE2's: $1 is a group, a backslash takes the next character as it is; chr(1)
-- and chr(2) stand for \$ and \\ on the way.
CREATE MACRO st_replacement1(r) AS system.main.regexp_replace(
  system.main.replace(system.main.replace(r, '\\', chr(2)), '\$', chr(1)), '\\(.)', '\1', 'g');

CREATE MACRO st_replacement(r) AS system.main.replace(system.main.replace(
  system.main.regexp_replace(st_replacement1(r), '\$(\d)', '\\\1', 'g'), chr(2), '\\'), chr(1), '$');

CREATE MACRO regexp_replace
  (s, p) AS system.main.regexp_replace(s, p, '', 'g'),
  (s, p, r) AS system.main.regexp_replace(s, p, st_replacement(r), 'g');

CREATE MACRO regexp_count(s, p) AS len(regexp_extract_all(s, p));

CREATE MACRO bitwise_and(a, b) AS CAST(a AS BIGINT) & CAST(b AS BIGINT);

CREATE MACRO bitwise_or(a, b) AS CAST(a AS BIGINT) | CAST(b AS BIGINT);

CREATE MACRO bitwise_xor(a, b) AS xor(CAST(a AS BIGINT), CAST(b AS BIGINT));

CREATE MACRO bitwise_not(a) AS ~CAST(a AS BIGINT);

CREATE MACRO e() AS exp(1::DOUBLE);

CREATE MACRO nan() AS 'nan'::DOUBLE;

CREATE MACRO infinity() AS 'infinity'::DOUBLE;

CREATE MACRO version() AS 'steelthread';

CREATE MACRO codepoint(s) AS CASE
  WHEN length(s) <> 1 THEN CAST(st_fail('Input must be a single character string') AS INTEGER)
  ELSE unicode(s) END;

CREATE MACRO to_iso8601(x) AS CASE system.main.typeof(x)
  WHEN 'DATE' THEN strftime(x, '%Y-%m-%d')
  WHEN 'TIMESTAMP WITH TIME ZONE' THEN strftime(x, '%Y-%m-%dT%H:%M:%S.%fZ')
  ELSE strftime(x, '%Y-%m-%dT%H:%M:%S.%f') END;

CREATE MACRO st_entry(parts) AS
  CASE WHEN len(parts) = 2 THEN {'k': parts[1], 'v': parts[2]}
    ELSE {'k': st_fail('Each entry needs one key-value delimiter'), 'v': ''} END;

CREATE MACRO split_to_map(s, e, k) AS map_from_entries(
  list_transform(
    list_filter(str_split(CAST(s AS VARCHAR), e), lambda x: x <> ''),
    lambda x: st_entry(str_split(x, k))));

-- array(integer) for INTEGER[], in two levels.
CREATE MACRO st_array_name(name) AS system.main.regexp_replace(
  name, '^((?:array\()*)(.*)\[\](\)*)$', '\1array(\2)\3');

CREATE MACRO st_type_name(name) AS CASE name
  WHEN '"null"' THEN 'unknown'
  WHEN 'blob' THEN 'varbinary'
  WHEN 'float' THEN 'real'
  WHEN 'hugeint' THEN 'bigint'
  WHEN 'time' THEN 'time(6)'
  WHEN 'timestamp' THEN 'timestamp(6)'
  WHEN 'timestamp with time zone' THEN 'timestamp(6) with time zone'
  ELSE st_array_name(st_array_name(name)) END;

CREATE MACRO typeof(x) AS st_type_name(lower(system.main.typeof(x)));
