"""The part of a results file that a benchmark writes, between its marks, with its date."""
import datetime


def measured_on():
    return f"Measured on {datetime.date.today():%Y-%m-%d}.\n"


def replace_block(path, begin, end, body):
    """Puts `body` between the marks, or behind all where they are not there yet."""
    block = f"{begin}\n{measured_on()}\n{body}{end}\n"
    text = path.read_text()
    if begin in text:
        text = text[:text.index(begin)] + block + text[text.index(end) + len(end) + 1:]
    else:
        text = text.rstrip() + "\n\n" + block
    path.write_text(text)
    print(block)
