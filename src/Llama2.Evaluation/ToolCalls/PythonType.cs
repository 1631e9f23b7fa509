namespace Llama2.Evaluation.ToolCalls;

/// <summary>The types that the leaderboard distinguishes: those of the values that Python's <c>json.loads</c> returns.</summary>
internal enum PythonType
{
    None,
    Boolean,
    Integer,
    Float,
    Text,
    List,
    Dictionary,
}
