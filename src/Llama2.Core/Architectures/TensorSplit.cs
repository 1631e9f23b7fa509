namespace Llama2.Architectures;

/// <summary>How a tensor is spread over the shards of a checkpoint of Meta's.</summary>
internal enum TensorSplit
{
    /// <summary>Each shard has all of it.</summary>
    None,

    /// <summary>Each shard has some rows (fairscale's ColumnParallelLinear, which names the transposed product).</summary>
    Rows,

    /// <summary>Each shard has a piece of every row (RowParallelLinear).</summary>
    Columns,

    /// <summary>Columns (ParallelEmbedding) or, in newer code, rows (VocabParallelEmbedding): the shapes tell.</summary>
    ColumnsOrRows,
}
