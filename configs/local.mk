# Graphs and word lists.
