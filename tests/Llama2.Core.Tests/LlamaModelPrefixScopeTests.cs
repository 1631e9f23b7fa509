using Llama2.Formats.Gguf;

namespace Llama2.Tests;

/// <summary>Which callers can reuse the prompts of others, and could therefore learn what others asked.</summary>
public class LlamaModelPrefixScopeTests
{
    private const int SystemTokenCount = 70, SecretTokenCount = 27;
    private static readonly GenerationOptions s_one = new() { Temperature = 0, MaxTokens = 1, IgnoreEndOfSequence = true };

    /// <summary>
    /// Another caller guesses a prompt token by token. Within the scope, the usage reveals whether a token is right; outside the scope, it reveals
    /// nothing.
    /// </summary>
    [Theory]
    [InlineData("victim", true)]
    [InlineData("attacker", false)]
    [InlineData(null, false)]
    public async Task GenerateAsync_GuessesOfASecretPrompt_FindItInItsOwnScopeOnly(string? scope, bool isFound)
    {
        int[] secret = Secret(seed: 1);
        using LlamaModel model = await LoadWithSecret(secret);
        var known = new List<int>();
        while (known.Count < secret.Length)
        {
            int count = known.Count;
            // The token after the guess differs each time, so that the attacker's own earlier queries match at most up to the guess.
            foreach (int guess in Alphabet)
            {
                int cachedCount = await Query(model, scope, [.. known, guess, 1]);
                if (cachedCount == SystemTokenCount + count + 1)
                {
                    known.Add(guess);
                    break;
                }
            }

            if (known.Count == count)
            {
                break;
            }
        }

        known.SequenceEqual(secret).Should().Be(isFound);
    }

    /// <summary>The usages of 50,000 guesses are the same whatever the secret is, so they contain no information about it.</summary>
    [Fact]
    public async Task GenerateAsync_FiftyThousandQueriesFromAnotherScope_AreToldTheSameWhateverTheSecret()
    {
        int[] secret = Secret(seed: 1);
        Task<int[]>[] attacks = [Attack(secret), Attack(Secret(seed: 2))];

        int[][] told = await Task.WhenAll(attacks);

        told[0].Should().HaveCount(50_000);
        told[0].AsSpan().SequenceEqual(told[1]).Should().BeTrue();

        // Most guesses begin like the first secret. So if the usage depended on a secret, the guesses would show it.
        async Task<int[]> Attack(int[] itsSecret)
        {
            using LlamaModel model = await LoadWithSecret(itsSecret);
            var random = new Random(7);
            int[] counts = new int[50_000];
            for (int i = 0; i < counts.Length; i++)
            {
                int rightCount = random.Next(secret.Length);
                string scope = i % 2 == 0 ? "attacker" : $"attacker {i}";
                counts[i] = await Query(model, scope, [.. secret[..rightCount], Alphabet[random.Next(Alphabet.Length)], Alphabet[random.Next(Alphabet.Length)]]);
            }

            return counts;
        }
    }

    [Fact]
    public async Task GenerateAsync_WithoutReuse_LeavesNothingBehind()
    {
        using LlamaModel model = Load();
        int[] prompt = Prompt(Secret(seed: 1));
        GenerationOptions hidden = s_one with { ReusePrefix = false, PublicPrefixTokenCount = SystemTokenCount, MaxTokens = 20 };

        await Usage(model, prompt, hidden);
        (await Usage(model, prompt, s_one)).CachedTokenCount.Should().Be(0);
        (await Usage(model, prompt, hidden)).CachedTokenCount.Should().Be(0);

        // The same applies while the other generation runs.
        await foreach (GenerationUpdate _ in model.GenerateAsync(Prompt(Secret(seed: 2)), hidden))
        {
            (await Usage(model, Prompt(Secret(seed: 2)), s_one with { PrefixScope = "other" })).CachedTokenCount.Should().Be(0);
            break;
        }
    }

    [Theory]
    [InlineData(null, "a")]
    [InlineData("a", null)]
    [InlineData("a", "A")]
    [InlineData("a", "a ")]
    public async Task GenerateAsync_ScopesThatDiffer_ShareNothing(string? first, string? second)
    {
        using LlamaModel model = Load();
        int[] prompt = Prompt(Secret(seed: 1));
        await Usage(model, prompt, s_one with { PrefixScope = first });

        (await Usage(model, prompt, s_one with { PrefixScope = second })).CachedTokenCount.Should().Be(0);
        (await Usage(model, prompt, s_one with { PrefixScope = first })).CachedTokenCount.Should().Be(prompt.Length - 1);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(64)]
    [InlineData(SystemTokenCount)]
    public async Task GenerateAsync_PublicPrefix_IsComputedOnceForAllScopes(int publicCount)
    {
        using LlamaModel model = Load();
        for (int user = 0; user < 5; user++)
        {
            GenerationUsage usage = await Usage(model, Prompt(Secret(seed: 1)), s_one with { PrefixScope = $"user {user}", PublicPrefixTokenCount = publicCount });

            usage.CachedTokenCount.Should().Be(user == 0 ? 0 : publicCount);
        }
    }

    [Fact]
    public async Task GenerateAsync_MoreIsMarkedPublicThanThePromptHas_NothingGeneratedIsPublic()
    {
        using LlamaModel model = Load();
        int[] prompt = Prompt(Secret(seed: 1));
        var generated = new List<int>();
        await foreach (GenerationUpdate update in model.GenerateAsync(prompt, s_one with { MaxTokens = 40, PrefixScope = "a", PublicPrefixTokenCount = int.MaxValue }))
        {
            generated.AddRange(update.Token is int token ? [token] : []);
        }

        int[] continued = [.. prompt, .. generated];
        (await Usage(model, continued, s_one with { PrefixScope = "b" })).CachedTokenCount.Should().Be(prompt.Length);
        (await Usage(model, continued, s_one with { PrefixScope = "a" })).CachedTokenCount.Should().Be(continued.Length - 1);
    }

    [Fact]
    public async Task GenerateAsync_ContextThatShifts_MakesNothingPublicThatMovedUp()
    {
        using LlamaModel model = Load();
        int[] prompt = Prompt(Secret(seed: 1));
        GenerationOptions shifting = s_one with { MaxTokens = 300, AttentionSinkCount = 4, PrefixScope = "a", PublicPrefixTokenCount = SystemTokenCount };
        int[] generated = await model.GenerateAsync(prompt, shifting).Where(update => update.Token is not null).Select(update => update.Token!.Value).ToArrayAsync();

        // After the first shift the context consists of the four tokens that stay, and those that moved up behind them.
        int[] all = [.. prompt, .. generated[..(256 - prompt.Length)]];
        int[] shifted = [.. all[..4], .. all[(4 + (256 - 4) / 2)..]];
        (await Usage(model, shifted, s_one with { PrefixScope = "a" })).CachedTokenCount.Should().BeGreaterThan(100);
        (await Usage(model, shifted, s_one with { PrefixScope = "b" })).CachedTokenCount.Should().BeLessThan(10);
    }

    [Fact]
    public async Task ComputeLogProbabilitiesAsync_InAScope_LeavesItsTokensToThatScope()
    {
        using LlamaModel model = Load();
        int[] prompt = Prompt(Secret(seed: 1));
        float[] scores = await model.ComputeLogProbabilitiesAsync(prompt, 1, new() { PrefixScope = "a" });

        (await Usage(model, prompt, s_one)).CachedTokenCount.Should().Be(0);
        (await Usage(model, prompt, s_one with { PrefixScope = "a" })).CachedTokenCount.Should().Be(prompt.Length - 1);
        (await model.ComputeLogProbabilitiesAsync(prompt)).Should().Equal(scores);
        await model.Awaiting(it => it.ComputeLogProbabilitiesAsync(prompt, 1, new() { PrefixScope = "" })).Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    [Theory]
    [InlineData(EmbeddingPooling.Mean)]
    [InlineData(EmbeddingPooling.LastToken)]
    public async Task ComputeEmbeddingsAsync_InAScope_LeavesItsTokensToThatScope(EmbeddingPooling pooling)
    {
        using LlamaModel model = Load();
        int[] prompt = Prompt(Secret(seed: 1));
        await model.ComputeEmbeddingsAsync([prompt], new EmbeddingOptions { Pooling = pooling, PrefixScope = "a" });

        (await Usage(model, prompt, s_one)).CachedTokenCount.Should().Be(0);
        (await Usage(model, prompt, s_one with { PrefixScope = "a" })).CachedTokenCount.Should().Be(prompt.Length - 1);
    }

    [Fact]
    public async Task ComputeLogitsAsync_LeavesNothing()
    {
        using LlamaModel model = Load();
        int[] prompt = Prompt(Secret(seed: 1));
        await model.ComputeLogitsAsync(prompt);

        (await Usage(model, prompt, s_one)).CachedTokenCount.Should().Be(0);
    }

    private static int[] Alphabet { get; } = [.. Enumerable.Range(3, TinyModel.Pieces.Length - 3)];

    private static int[] Secret(int seed) => new Random(seed).GetItems(Alphabet, SecretTokenCount);

    // The text that the application puts before each user's text, then the user's text.
    private static int[] Prompt(int[] text) => [1, .. Enumerable.Range(1, SystemTokenCount - 1).Select(i => Alphabet[i * i % Alphabet.Length]), .. text];

    private static LlamaModel Load()
    {
        using GgufFile file = TinyModel.Describe().Open();
        var options = new LlamaModelOptions { ContextLength = 256, RopeScaling = RopeScaling.Linear(16), ThreadCount = 1, KeyValueCacheByteSize = 4 << 20 };
        return LlamaModel.Load(file, options, progress: null, CancellationToken.None);
    }

    private static async Task<LlamaModel> LoadWithSecret(int[] secret)
    {
        LlamaModel model = Load();
        await Usage(model, Prompt(secret), s_one with { PrefixScope = "victim", PublicPrefixTokenCount = SystemTokenCount });
        return model;
    }

    private static async Task<int> Query(LlamaModel model, string? scope, int[] text)
        => (await Usage(model, Prompt(text), s_one with { PrefixScope = scope, PublicPrefixTokenCount = SystemTokenCount })).CachedTokenCount;

    private static async Task<GenerationUsage> Usage(LlamaModel model, int[] prompt, GenerationOptions options)
        => (await model.GenerateAsync(prompt, options).LastAsync()).Usage!;
}
