namespace Llama2.Evaluation.Data.Parquet;

/// <summary>The kinds of nodes of a schema.</summary>
internal enum NodeKind
{
    Column,
    Group,
    List,
}
