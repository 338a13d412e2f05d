/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: independent work does not pay for workers when it is shorter than starting one. Plays Conway's game
 * of life on a small board: the cells of a generation do not need each other, but all of them together take
 * some microseconds, and the next generation cannot begin before they are done. */
#include <stdio.h>

#define ROWS        48
#define COLUMNS     48
#define GENERATIONS 600000

/* 1 alive, 0 dead, with a border of dead cells. */
typedef unsigned char board[ROWS + 2][COLUMNS + 2];

static int count_neighbours(board cells, int row, int column)
{
    return cells[row - 1][column - 1] + cells[row - 1][column] + cells[row - 1][column + 1] +
           cells[row][column - 1] + cells[row][column + 1] + cells[row + 1][column - 1] +
           cells[row + 1][column] + cells[row + 1][column + 1];
}

/* The lesson: each cell could have its own worker, and the worker would cost more than the board. */
__attribute__((noinline)) static void next_generation(board cells, board next)
{
    for (int row = 1; row <= ROWS; row++) {
        for (int column = 1; column <= COLUMNS; column++) {
            int neighbours = count_neighbours(cells, row, column);
            next[row][column] = neighbours == 3 || (neighbours == 2 && cells[row][column]);
        }
    }
}

/* The r-pentomino: five cells that keep a large board busy for 1103 generations. */
static void place_pentomino(board cells, int row, int column)
{
    cells[row][column + 1] = cells[row][column + 2] = 1;
    cells[row + 1][column] = cells[row + 1][column + 1] = 1;
    cells[row + 2][column + 1] = 1;
}

static int count_alive(board cells)
{
    int alive = 0;
    for (int row = 1; row <= ROWS; row++) {
        for (int column = 1; column <= COLUMNS; column++)
            alive += cells[row][column];
    }
    return alive;
}

__attribute__((noinline)) static void play(board cells, board other)
{
    for (int generation = 0; generation < GENERATIONS; generation += 2) {
        next_generation(cells, other);
        next_generation(other, cells);
    }
}

int main(void)
{
    static board cells, other;
    place_pentomino(cells, ROWS / 2, COLUMNS / 2);
    play(cells, other);
    printf("%d of %d cells are alive after %d generations\n", count_alive(cells), ROWS * COLUMNS,
           GENERATIONS);
    return 0;
}
