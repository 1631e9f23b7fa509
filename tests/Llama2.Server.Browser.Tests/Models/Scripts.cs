using Llama2.Extensions.Tests;
using Llama2.Tests;
using UnitTesting;

namespace Llama2.Server.Browser.Tests.Models;

/// <summary>Models whose answers tests choose, with the vocabulary of the demonstration model.</summary>
internal static class Scripts
{
    /// <summary>The demonstration model.</summary>
    public static string StorytellerPath { get; } = RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf");

    public static ModelTokenizer Tokenizer { get; } = ModelTokenizer.Load(StorytellerPath);

    /// <summary>A model that gives answers in turn, beginning anew after the last, and keeps what it was asked.</summary>
    public static PromptRecorder Of(params string[] answers) => new(new ScriptedModel(Tokenizer, answers));

    /// <summary>The text of a recorder's prompt.</summary>
    public static string PromptOf(PromptRecorder recorder, int index) => Tokenizer.Decode(recorder.Prompts[index]);
}
