#!/bin/bash
# Grades a class on a cluster that Slurm manages: each task of a job array grades one shard. In the workbook, on a file system
# that all nodes share, with options of ./build.sh grade at the end:
#
#   ./build.sh grade --help                                  # once: gets and compiles what the tasks need
#   sbatch --array=1-4 docs/teachers/slurm.sh 4 SUBMISSIONS OUT --only Uts
#   ./build.sh grade merge OUT/shard-* --out OUT/class       # when all have ended; names a shard that is missing
#
# To do shard 3 again: sbatch --array=3 docs/teachers/slurm.sh 4 SUBMISSIONS OUT --only Uts
#
#SBATCH --job-name=grade
#SBATCH --cpus-per-task=2
#SBATCH --mem-per-cpu=1500M
#SBATCH --time=02:00:00
set -eu
shards=$1 submissions=$2 out=$3
shift 3
cd "$SLURM_SUBMIT_DIR"
exec ./build.sh grade "$submissions" --out "$out/shard-$SLURM_ARRAY_TASK_ID" --shard "$SLURM_ARRAY_TASK_ID/$shards" \
    --jobs "${SLURM_CPUS_PER_TASK:-1}" --resume "$@"
