namespace Llama2.Evaluation.ToolCalls;

/// <summary>How the calls that the model makes for an example are checked. The leaderboard derives it from the category's name.</summary>
internal enum ToolCallRule
{
    /// <summary>One call, of the only function.</summary>
    Simple,

    /// <summary>One call, of the right one of several functions.</summary>
    Multiple,

    /// <summary>Several calls in any order.</summary>
    Parallel,

    /// <summary>No call.</summary>
    Irrelevance,

    /// <summary>A call of any kind.</summary>
    Relevance,
}
