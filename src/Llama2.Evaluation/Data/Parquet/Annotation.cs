namespace Llama2.Evaluation.Data.Parquet;

/// <summary>What stored values mean, as far as it matters here.</summary>
internal enum Annotation
{
    None,
    Text,
    Unsigned,
    List,
    Map,

    /// <summary>A meaning that is not supported, such as a date or a decimal number.</summary>
    Other,
}
