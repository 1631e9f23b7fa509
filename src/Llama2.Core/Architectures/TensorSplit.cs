namespace Llama2.Architectures;

/// <summary>The way in which the shards of a checkpoint from Meta split a tensor.</summary>
internal enum TensorSplit
{
    /// <summary>Each shard has the whole tensor.</summary>
    None,

    /// <summary>Each shard has some of the rows (fairscale's ColumnParallelLinear, whose name refers to the transposed matrix).</summary>
    Rows,

    /// <summary>Each shard has a part of every row (RowParallelLinear).</summary>
    Columns,

    /// <summary>
    /// Each shard has some of the columns (ParallelEmbedding) or, in newer code, some of the rows (VocabParallelEmbedding); the shapes show which.
    /// </summary>
    ColumnsOrRows,
}
