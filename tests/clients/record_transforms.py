"""Writes src/base/testdata/pyiceberg_transforms.txt: what PyIceberg's partition transforms make of
edge values. A line is transform, type, value, result and text for people, separated by tabs; value
and result are in Iceberg's single-value serialization, in hex.

    .deps/venv/bin/python tests/clients/record_transforms.py
"""
import decimal
import pathlib
import random
import sys
import uuid

from pyiceberg import conversions, transforms, types

OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "src/base/testdata/pyiceberg_transforms.txt"
DAY = 86_400_000_000
INTS = [0, 1, -1, 9, 10, -10, 11, 34, 2**31 - 1, -(2**31) + 100_000]
LONGS = INTS + [2**63 - 1, -(2**63) + 100_000, 2**32, -(2**32) - 1]
DATES = [0, 1, -1, 17486, -365, -366, 10957, 11016, -719162, 2932896, 30, 31, 59]
MICROS = [0, 1, -1, 1512151975038194, -1512151975038194, DAY - 1, DAY, -DAY, -DAY - 1, 3600 * 10**6,
          3600 * 10**6 - 1, -62135596800000000, 253402300799999999]
TEXTS = ["", "a", "iceberg", "abcd", "abcde", "日本語テキスト", "é", "e\u0301x", "😀😁😂", "x" * 40,
         "a\tb", "\u0000z"]
BYTES = [b"", b"\0", b"\0\1\2\3", b"\xff\xfe\xfd\xfc\xfb", bytes(range(33))]
VALUES = {
    types.IntegerType(): INTS, types.LongType(): LONGS, types.DateType(): DATES,
    types.TimeType(): [0, 1, 81068000000, DAY - 1], types.TimestampType(): MICROS,
    types.TimestamptzType(): MICROS, types.StringType(): TEXTS, types.BinaryType(): BYTES,
    types.UUIDType(): [uuid.UUID("f79c3e09-677c-4bbd-a479-3f349cb785e7"), uuid.UUID(int=0),
                       uuid.UUID(int=2**128 - 1)],
    types.DecimalType(9, 2): [decimal.Decimal(t) for t in
                              ("14.20", "0.00", "-0.01", "10.65", "-10.65", "9999999.99",
                               "-9999990.99", "1.28", "-1.28")],
    types.DecimalType(38, 0): [decimal.Decimal(t) for t in
                               ("0", "99999999999999999999999999999999999999",
                                "-99999999999999999999999999999999990000", "18446744073709551616")],
    types.BooleanType(): [True, False],
}
TRANSFORMS = [transforms.IdentityTransform(), transforms.YearTransform(),
              transforms.MonthTransform(), transforms.DayTransform(), transforms.HourTransform(),
              transforms.VoidTransform()]
TRANSFORMS += [transforms.BucketTransform(n) for n in (1, 2, 16, 100, 1000)]
TRANSFORMS += [transforms.TruncateTransform(n) for n in (1, 3, 10, 50)]


def lines():
    """Yields the lines; random values come from a fixed seed."""
    chance = random.Random(7)
    for kind, values in VALUES.items():
        values = list(values)
        if kind == types.LongType():
            values += [chance.randrange(-2**62, 2**62) for _ in range(50)]
        if kind == types.TimestamptzType():
            values += [chance.randrange(-62135596800000000, 253402300799999999) for _ in range(50)]
        if kind == types.StringType():
            values += ["".join(chance.choice("aé日😀 \"'") for _ in range(n)) for n in range(30)]
        for transform in TRANSFORMS:
            if not transform.can_transform(kind):
                continue
            apply, result_type = transform.transform(kind), transform.result_type(kind)
            for value in values:
                result = apply(value)
                made = "null" if result is None else conversions.to_bytes(result_type, result).hex()
                text = transform.to_human_string(kind, result).encode().hex()
                yield "\t".join([str(transform), str(kind), conversions.to_bytes(kind, value).hex(),
                                 made, text])


def main():
    """Writes the file, or prints the lines where the one argument is "-"."""
    text = "".join(line + "\n" for line in lines())
    if sys.argv[1:] == ["-"]:
        sys.stdout.write(text)
        return
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
