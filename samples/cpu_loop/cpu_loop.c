/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: a loop that only computes, over items that do not need each other, leaves every core but one idle.
 * Estimates the area of the Mandelbrot set by counting the points of a grid that never escape, row by row. */
#include <stdio.h>
#include <stdlib.h>

#define ROWS            1000
#define COLUMNS         1400
#define ITERATION_LIMIT 1200

/* The part of the plane that holds the whole set. */
static const double left = -2.0, right = 0.5, bottom = -1.25, top = 1.25;

/* How often z → z² + c can be applied to 0 before |z| exceeds 2, up to ITERATION_LIMIT. */
static int escape_time(double c_real, double c_imaginary)
{
    double real = 0, imaginary = 0;
    for (int i = 0; i < ITERATION_LIMIT; i++) {
        double real_square = real * real, imaginary_square = imaginary * imaginary;
        if (real_square + imaginary_square > 4.0)
            return i;
        imaginary = 2 * real * imaginary + c_imaginary;
        real = real_square - imaginary_square + c_real;
    }
    return ITERATION_LIMIT;
}

/* The points of one row that stay inside. Reads nothing but its argument and constants, writes nothing. */
__attribute__((noinline)) static int count_row(int row)
{
    double imaginary = bottom + (row + 0.5) * (top - bottom) / ROWS;
    int inside = 0;
    for (int column = 0; column < COLUMNS; column++) {
        double real = left + (column + 0.5) * (right - left) / COLUMNS;
        if (escape_time(real, imaginary) == ITERATION_LIMIT)
            inside++;
    }
    return inside;
}

/* The lesson: each iteration costs about two milliseconds and touches only its own element of `counts`. */
__attribute__((noinline)) static void count_rows(int counts[ROWS])
{
    for (int row = 0; row < ROWS; row++)
        counts[row] = count_row(row);
}

/* One character for each 40 rows and 20 columns, so that there is something to look at. */
static void print_picture(const int counts[ROWS])
{
    for (int row = 20; row < ROWS; row += 40) {
        int width = counts[row] / 20;
        if (width > 0)
            printf("%*s%.*s\n", (72 - width) / 2, "", width,
                   "************************************************************************");
    }
}

int main(void)
{
    int *counts = calloc(ROWS, sizeof *counts);
    if (!counts) {
        perror("cpu_loop");
        return 1;
    }
    count_rows(counts);

    long inside = 0;
    for (int row = 0; row < ROWS; row++)
        inside += counts[row];
    print_picture(counts);
    printf("area of the Mandelbrot set: about %.4f (it is 1.5066)\n",
           (double)inside / ((double)ROWS * COLUMNS) * (right - left) * (top - bottom));
    free(counts);
    return 0;
}
