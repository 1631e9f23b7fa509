namespace Llama2.Architectures;

/// <summary>The way in which a tensor is split among the shards of a checkpoint by Meta.</summary>
internal enum TensorSplit
{
    /// <summary>Each shard has all of it.</summary>
    None,

    /// <summary>Each shard has some rows (fairscale's ColumnParallelLinear, which names the transposed product).</summary>
    Rows,

    /// <summary>Each shard has a piece of every row (RowParallelLinear).</summary>
    Columns,

    /// <summary>Columns (ParallelEmbedding) or, in newer code, rows (VocabParallelEmbedding); the shapes show which.</summary>
    ColumnsOrRows,
}
