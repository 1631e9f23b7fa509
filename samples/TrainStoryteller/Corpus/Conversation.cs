using Llama2;

namespace TrainStoryteller.Corpus;

/// <summary>A conversation: what the system message says, and questions.</summary>
/// <param name="Instructions">The application's instructions; empty for none.</param>
/// <param name="Tools">The tools that the model can call; empty for none.</param>
/// <param name="Questions">The questions, one or more.</param>
internal sealed record Conversation(string Instructions, IReadOnlyList<LlamaTool> Tools, IReadOnlyList<Question> Questions)
{
    /// <summary>The system message; empty for none. Its form is that in which Llama2.Extensions writes system messages.</summary>
    public string SystemMessage =>
        string.Join("\n\n", new[] { Instructions, Tools.Count > 0 ? ToolFormat.Json.Announce(Tools) : "" }.Where(text => text.Length > 0));
}
