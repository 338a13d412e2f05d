struct table { int values[1000]; };
void table_add(struct table *table, int value);
