namespace Llama2.Training.Datasets.Forms;

/// <summary>The object in which a field is. What a field means depends on it.</summary>
internal enum FieldScope
{
    /// <summary>The record, or its prompt.</summary>
    Record,

    /// <summary>A message, or a part of its content.</summary>
    Message,

    /// <summary>The description of a tool.</summary>
    Tool,

    /// <summary>A call of a tool.</summary>
    Call,
}
