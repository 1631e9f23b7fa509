using Llama2;

namespace UnitTesting;

/// <summary>More code under test. This class uses the library's own interface, because it needs a seed and the reason why a text ended.</summary>
/// <param name="model">The model.</param>
public sealed class Storyteller(ILlamaModel model)
{
    /// <summary>Tells a complete story.</summary>
    /// <param name="hero">The hero of the story.</param>
    /// <param name="seed">The same seed gives the same story.</param>
    /// <param name="maxTokens">The maximum number of tokens.</param>
    /// <returns>The story, or null if it is not complete after that number of tokens.</returns>
    public async Task<string?> TellAsync(string hero, ulong seed, int maxTokens = 200)
    {
        string story = "";
        FinishReason? end = null;
        IChatSession session = model.CreateChatSession();
        await foreach (GenerationUpdate update in session.SendAsync($"Tell me a story about a {hero}.", new GenerationOptions { Seed = seed, MaxTokens = maxTokens }))
        {
            story += update.Text;
            end = update.FinishReason;
        }

        return end == FinishReason.EndOfSequence ? story.Trim() : null;
    }
}
