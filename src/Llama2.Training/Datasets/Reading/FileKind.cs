namespace Llama2.Training.Datasets.Reading;

/// <summary>How a file contains its records.</summary>
internal enum FileKind
{
    /// <summary>Plain text without records.</summary>
    Text,

    /// <summary>Objects of JSON.</summary>
    Json,

    /// <summary>Comma-separated values.</summary>
    CommaSeparated,

    /// <summary>Tab-separated values.</summary>
    TabSeparated,

    /// <summary>A table in Parquet.</summary>
    Parquet,
}
