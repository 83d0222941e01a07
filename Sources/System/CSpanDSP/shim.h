// spandsp.h of 0.0.6 expects these to be included before it.
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <tiffio.h>
#include <spandsp.h>
