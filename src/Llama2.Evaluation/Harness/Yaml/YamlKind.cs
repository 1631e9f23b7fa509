namespace Llama2.Evaluation.Harness.Yaml;

/// <summary>The kind of a value in a task file.</summary>
internal enum YamlKind
{
    Null,
    Boolean,
    Integer,
    Float,
    Text,

    /// <summary>The name of a Python function, after the tag <c>!function</c>.</summary>
    Function,
    List,
    Map,
}
