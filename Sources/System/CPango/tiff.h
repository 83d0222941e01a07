#pragma once
#include <tiffio.h>

// TIFFGetField takes variable arguments, which Swift cannot call.

static inline uint32_t faxlock_tiff_count(TIFF *file, uint32_t tag) {
    uint32_t value = 0;
    return TIFFGetField(file, tag, &value) == 1 ? value : 0;
}

static inline uint16_t faxlock_tiff_short(TIFF *file, uint32_t tag) {
    uint16_t value = 0;
    return TIFFGetFieldDefaulted(file, tag, &value) == 1 ? value : 0;
}

static inline float faxlock_tiff_real(TIFF *file, uint32_t tag) {
    float value = 0;
    return TIFFGetField(file, tag, &value) == 1 ? value : 0;
}
