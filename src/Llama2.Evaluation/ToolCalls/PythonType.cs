namespace Llama2.Evaluation.ToolCalls;

/// <summary>The types that the leaderboard distinguishes: those of a value that Python's <c>json.loads</c> reads.</summary>
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
