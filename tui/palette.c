/* xterm's colour cube, grey ramp and the sixteen names (256colres.pl in xterm). */
#include <config.h>

#include "tui/palette.h"

#include "base/number.h"

#include <math.h>

#define GREY_RANGE 0x28 /* channels nearer than this make a grey */

static const uint32_t first16[16] = {
    0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
    0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
};

static const char *const names[8] = {"black", "red",     "green", "yellow",
                                     "blue",  "magenta", "cyan",  "white"};

uint32_t palette_rgb(int16_t colour)
{
    static const uint32_t steps[6] = {0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff};
    bn_assert(colour >= 0 && colour < 256);
    if (colour < 16)
        return first16[colour];
    if (colour >= 232)
        return (uint32_t)(8 + (colour - 232) * 10) * 0x010101;
    unsigned n = (unsigned)colour - 16;
    return steps[n / 36] << 16 | steps[n / 6 % 6] << 8 | steps[n % 6];
}

static int channel(uint32_t rgb, int shift)
{
    return (int)(rgb >> shift & 0xff);
}

static long distance(uint32_t a, uint32_t b)
{
    long red = channel(a, 16) - channel(b, 16), green = channel(a, 8) - channel(b, 8),
         blue = channel(a, 0) - channel(b, 0);
    return 3 * red * red + 4 * green * green + 2 * blue * blue;
}

/* The nearest of the colours from `from` up to `to`. */
static int16_t nearest(uint32_t rgb, int16_t from, int16_t to)
{
    int16_t best = from;
    for (int16_t i = from; i < to; i++)
        if (distance(rgb, palette_rgb(i)) < distance(rgb, palette_rgb(best)))
            best = i;
    return best;
}

/* The hue in sixths of the circle: 0 red, 1 yellow, 2 green, 3 cyan, 4 blue, 5
 * magenta; -1: a grey. */
static int sixth_of(uint32_t rgb)
{
    int red = channel(rgb, 16), green = channel(rgb, 8), blue = channel(rgb, 0);
    int most = red > green ? red : green, least = red < green ? red : green;
    most = most > blue ? most : blue;
    least = least < blue ? least : blue;
    int range = most - least;
    if (range < GREY_RANGE)
        return -1;
    double hue = most == red     ? (double)(green - blue) / range
                 : most == green ? 2.0 + (double)(blue - red) / range
                                 : 4.0 + (double)(red - green) / range;
    return (int)lround(hue + 6.0) % 6;
}

/* Of sixteen: a colour stays one, as red as it was red; that says more than how
 * light it is. Greys are matched by their lightness. */
static int16_t nearest_of_sixteen(uint32_t rgb)
{
    static const int16_t of_sixth[6] = {1, 3, 2, 6, 4, 5};
    int sixth = sixth_of(rgb);
    if (sixth < 0)
        return nearest(rgb, 0, 16);
    int16_t dark = of_sixth[sixth], bright = (int16_t)(dark + 8);
    return distance(rgb, palette_rgb(dark)) < distance(rgb, palette_rgb(bright)) ? dark : bright;
}

int16_t palette_nearest(int16_t colour, int colours)
{
    if (colour < 0 || colours >= 256)
        return colour;
    if (colour >= 16)
        colour = nearest_of_sixteen(palette_rgb(colour));
    if (colours >= 16)
        return colour;
    return (int16_t)(colour & 7);
}

static bool parse_hex(struct span text, uint32_t *rgb)
{
    uint32_t n = 0;
    if (text.len != 7 || text.data[0] != '#')
        return false;
    for (size_t i = 1; i < 7; i++) {
        char c = text.data[i];
        if (c >= '0' && c <= '9')
            n = n << 4 | (uint32_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            n = n << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
        else
            return false;
    }
    *rgb = n;
    return true;
}

bool palette_parse(struct span text, int16_t *colour)
{
    int64_t n;
    uint32_t rgb;
    if (span_is(text, "default")) {
        *colour = -1;
        return true;
    }
    if (number_parse(text, 0, 255, &n)) {
        *colour = (int16_t)n;
        return true;
    }
    if (parse_hex(text, &rgb)) {
        *colour = nearest(rgb, 16, 256);
        return true;
    }
    bool bright = span_starts(text, "bright-");
    struct span name = bright ? span_sub(text, 7, text.len) : text;
    for (int16_t i = 0; i < 8; i++)
        if (span_is(name, names[i])) {
            *colour = (int16_t)(i + (bright ? 8 : 0));
            return true;
        }
    return false;
}

static double linear(int value)
{
    double c = value / 255.0;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(int16_t colour)
{
    uint32_t rgb = palette_rgb(colour);
    return 0.2126 * linear(channel(rgb, 16)) + 0.7152 * linear(channel(rgb, 8)) +
           0.0722 * linear(channel(rgb, 0));
}

double palette_contrast(int16_t a, int16_t b)
{
    double x = luminance(a), y = luminance(b);
    return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}
