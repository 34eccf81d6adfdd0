typedef int cr_keys_empty;
