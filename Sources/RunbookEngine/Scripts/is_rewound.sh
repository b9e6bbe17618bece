# Prints "rewound" where pg_rewind has left its label, which it does shortly before it is done.
grep -q '^BACKUP METHOD: pg_rewind' "$1/backup_label" && echo rewound
