// spandsp.h of 0.0.6 expects these to be included before it.
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <tiffio.h>
#include <spandsp.h>

/// The modem of T.30's commands. Swift does not see an array of unknown length.
static inline const fsk_spec_t *cspandsp_v21_channel_2(void) {
    return &preset_fsk_specs[FSK_V21CH2];
}
