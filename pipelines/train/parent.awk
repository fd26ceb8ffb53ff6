# Is the second of two checkpoints the parent of the first? ckpt-info FILE FILE | awk -f records.awk -f parent.awk
{ parent[++n] = value("parent"); digest[n] = value("digest") }
END { exit n != 2 || parent[1] != digest[2] }
