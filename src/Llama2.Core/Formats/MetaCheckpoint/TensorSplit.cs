namespace Llama2.Formats.MetaCheckpoint;

/// <summary>How a tensor is spread over shards.</summary>
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
