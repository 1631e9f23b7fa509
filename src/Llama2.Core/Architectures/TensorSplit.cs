namespace Llama2.Architectures;

/// <summary>How the shards of a checkpoint from Meta divide a tensor.</summary>
internal enum TensorSplit
{
    /// <summary>Each shard has the whole tensor.</summary>
    None,

    /// <summary>Each shard has some of the rows (fairscale's ColumnParallelLinear, whose name refers to the transposed matrix).</summary>
    Rows,

    /// <summary>Each shard has a part of every row (RowParallelLinear).</summary>
    Columns,

    /// <summary>
    /// Each shard has some of the columns (ParallelEmbedding) or, in newer code, some of the rows (VocabParallelEmbedding). The shapes of the parts
    /// show which of the two applies.
    /// </summary>
    ColumnsOrRows,
}
