/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to people, on stderr. */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

/* `corewise: TEXT` on one line. Text may quote hostile names: no control character reaches the terminal. */
void message_print(const char *text);

#endif
