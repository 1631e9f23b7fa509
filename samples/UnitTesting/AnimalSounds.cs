using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace UnitTesting;

/// <summary>The code under test, which an application has in a separate project: it composes a prompt and parses the answer.</summary>
/// <param name="client">The model; in production, the application registers a large one.</param>
public sealed partial class AnimalSounds(IChatClient client)
{
    // At temperature 0 the answer is the likeliest one, which is always the same. Its length is limited.
    private static readonly ChatOptions s_options = new() { Temperature = 0, MaxOutputTokens = 20 };

    /// <summary>Finds the sound that an animal makes, such as "moo".</summary>
    /// <param name="animal">One word, such as "cow".</param>
    /// <param name="cancellationToken">Ends the generation.</param>
    /// <returns>The sound, or null if the model does not say it.</returns>
    /// <exception cref="ArgumentException">The animal is not one word; only single words are put into the prompt.</exception>
    public async Task<string?> FindAsync(string animal, CancellationToken cancellationToken = default)
    {
        if (!Word().IsMatch(animal))
            throw new ArgumentException($"'{animal}' is not one word.", nameof(animal));

        ChatResponse response = await client.GetResponseAsync($"What sound does a {animal} make?", s_options, cancellationToken);
        Match answer = Answer().Match(response.Text);
        return answer.Success && answer.Groups["animal"].Value == animal ? answer.Groups["sound"].Value : null;
    }

    [GeneratedRegex(@"^[a-z]+\z")]
    private static partial Regex Word();

    [GeneratedRegex(@"^The (?<animal>[a-z]+) says (?<sound>[a-z]+)\.")]
    private static partial Regex Answer();
}
