"""Prints numbers and what libphonenumber makes of them: numbering_cases.py SEED COUNT

A line is one case, fields divided by tabs: default region, text, what follows from it as `+E.164 region kind extension` with `-` for nothing,
or `-` where the text is no possible number. All numbers are made by chance or by the metadata's own examples; nobody is called.
"""
import random
import sys

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult
from phonenumbers.phonemetadata import PhoneMetadata

KINDS = {
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "company",
    PhoneNumberType.VOICEMAIL: "voicemail",
    PhoneNumberType.UNKNOWN: "unknown",
}
FORMATS = [PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL, PhoneNumberFormat.RFC3966]


def expected(region, text):
    if text.startswith("+0"):
        # libphonenumber takes the plus for a slip and reads what follows as it is dialled. To us it is no number: no code begins with 0.
        return "-"
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return "-"
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return "-"
    kind = phonenumbers.number_type(number)
    actual = phonenumbers.region_code_for_number(number)
    if actual == "001":
        actual = None
    bare = phonenumbers.format_number(
        phonenumbers.PhoneNumber(
            country_code=number.country_code, national_number=number.national_number, italian_leading_zero=number.italian_leading_zero,
            number_of_leading_zeros=number.number_of_leading_zeros), PhoneNumberFormat.E164)
    return " ".join([bare, actual or "-", KINDS[kind], number.extension or "-"])


def examples(region):
    for kind in KINDS:
        number = phonenumbers.example_number_for_type(region, kind)
        if number is not None:
            yield number


def spoiled(rng, digits):
    """An example with some digits changed: often still a possible number, seldom a valid one."""
    result = list(digits)
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        result[rng.randrange(len(result))] = rng.choice("0123456789")
    if rng.random() < 0.1:
        result.append(rng.choice("0123456789"))
    if rng.random() < 0.1:
        result.pop()
    return "".join(result)


def written(rng, digits):
    """Digits as somebody may write them."""
    result = ""
    for place, digit in enumerate(digits):
        if place and rng.random() < 0.3:
            result += rng.choice([" ", "-", ".", "/", ") ", " ("])
        result += digit
    return result


def dialled(rng, region, code, national):
    """The same number as it is dialled from a region, in one of several ways."""
    metadata = PhoneMetadata.metadata_for_region(region, None)
    way = rng.randrange(6)
    if way == 0:
        return "+" + written(rng, f"{code}{national}")
    if way == 1:
        return written(rng, rng.choice(["00", "011", "0011", "810", "010"]) + f"{code}{national}")
    if way == 2:
        return written(rng, (metadata.national_prefix or "0") + national)
    if way == 3:
        return written(rng, f"{code}{national}")
    if way == 4:
        return f"+{code} ({metadata.national_prefix or 0}) {written(rng, national)}"
    return written(rng, national)


def cases(rng, count):
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    for region in regions:
        for number in examples(region):
            for form in FORMATS:
                yield region, phonenumbers.format_number(number, form)
    for code in (800, 808, 870, 878, 881, 882, 883, 888, 979):
        number = phonenumbers.example_number_for_non_geo_entity(code)
        yield "US", phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    for _ in range(count):
        region = rng.choice(regions)
        number = rng.choice(list(examples(region)))
        national = spoiled(rng, phonenumbers.national_significant_number(number))
        home = region if rng.random() < 0.7 else rng.choice(regions)
        text = dialled(rng, home, number.country_code, national)
        if rng.random() < 0.1:
            text += rng.choice([" x", " ext. ", ";ext=", " extn "]) + str(rng.randrange(1, 9999))
        yield home, text
    for _ in range(count // 4):
        digits = "".join(rng.choice("0123456789") for _ in range(rng.randrange(3, 18)))
        yield rng.choice(regions), rng.choice(["", "+"]) + digits


def main():
    rng = random.Random(int(sys.argv[1]))
    for region, text in cases(rng, int(sys.argv[2])):
        print(region, text, expected(region, text), sep="\t")


if __name__ == "__main__":
    main()
