/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: work whose every step needs the result of the last has nothing to do at the same time. Follows the
 * planets around the sun: where they are in an hour depends on where they are now, for two thousand years. */
#include <math.h>
#include <stdio.h>

#define BODIES       5
#define HOURS        17532000L
#define STEP_YEARS   (1.0 / 8766)       /* an hour */
#define SUN_MASS     39.478417604357434 /* 4π², so that the earth needs one year at distance one */
#define REPORT_HOURS 4383000L           /* five hundred years */

struct body {
    const char *name;
    double x, y, z;    /* distances between sun and earth */
    double vx, vy, vz; /* the same per year */
    double mass;
};

/* The bodies are so few that their order of magnitude is all that counts here; they start in one plane. */
static void place_bodies(struct body bodies[BODIES])
{
    static const struct {
        const char *name;
        double distance, mass;
    } planets[BODIES] = {{"sun", 0, 1},
                         {"jupiter", 5.203, 9.54e-4},
                         {"saturn", 9.537, 2.86e-4},
                         {"uranus", 19.19, 4.37e-5},
                         {"neptune", 30.07, 5.15e-5}};
    for (int i = 0; i < BODIES; i++) {
        double distance = planets[i].distance;
        bodies[i] = (struct body){.name = planets[i].name, .x = distance, .mass = planets[i].mass * SUN_MASS};
        bodies[i].vy = distance > 0 ? sqrt(SUN_MASS / distance) : 0;
    }
}

/* What two bodies do to each other's velocity during one step. */
static void attract(struct body *one, struct body *other)
{
    double x = one->x - other->x, y = one->y - other->y, z = one->z - other->z;
    double square = x * x + y * y + z * z;
    double pull = STEP_YEARS / (square * sqrt(square));
    one->vx -= x * other->mass * pull;
    one->vy -= y * other->mass * pull;
    one->vz -= z * other->mass * pull;
    other->vx += x * one->mass * pull;
    other->vy += y * one->mass * pull;
    other->vz += z * one->mass * pull;
}

/* Some hundred nanoseconds: far less than it takes to wake another thread. */
__attribute__((noinline)) static void advance_hour(struct body bodies[BODIES])
{
    for (int i = 0; i < BODIES; i++) {
        for (int j = i + 1; j < BODIES; j++)
            attract(&bodies[i], &bodies[j]);
    }
    for (int i = 0; i < BODIES; i++) {
        bodies[i].x += bodies[i].vx * STEP_YEARS;
        bodies[i].y += bodies[i].vy * STEP_YEARS;
        bodies[i].z += bodies[i].vz * STEP_YEARS;
    }
}

/* The lesson: hour 2 cannot be computed before hour 1, however many cores there are. */
__attribute__((noinline)) static void follow_planets(struct body bodies[BODIES])
{
    for (long hour = 1; hour <= HOURS; hour++) {
        advance_hour(bodies);
        if (hour % REPORT_HOURS == 0)
            printf("after %ld years jupiter is at %7.3f %7.3f\n", hour / 8766, bodies[1].x, bodies[1].y);
    }
}

int main(void)
{
    struct body bodies[BODIES];
    place_bodies(bodies);
    follow_planets(bodies);
    for (int i = 0; i < BODIES; i++)
        printf("%-8s %8.3f %8.3f\n", bodies[i].name, bodies[i].x, bodies[i].y);
    return 0;
}
