"""The batch: plan what runs, run it in isolated kernels, record what came out."""
