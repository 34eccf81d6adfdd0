typedef int cr_loaders_empty;
