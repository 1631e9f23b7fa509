namespace Llama2.Guard.Rules;

/// <summary>The published form of a kind of key: a prefix, then a number of characters.</summary>
/// <param name="Kind">What it is, in plain words.</param>
/// <param name="Prefix">How it begins.</param>
/// <param name="MinLength">The minimum number of characters after the prefix.</param>
/// <param name="MaxLength">The maximum number of characters after the prefix.</param>
/// <param name="OtherCharacters">The characters that it may have besides ASCII letters and digits.</param>
/// <param name="OnlyCapitals">Whether its letters are capitals.</param>
internal sealed record SecretForm(string Kind, string Prefix, int MinLength, int MaxLength, string OtherCharacters = "", bool OnlyCapitals = false)
{
    /// <summary>Prefixes as the issuers document them; most are also in the rules of gitleaks and of GitHub's secret scanning.</summary>
    public static IReadOnlyList<SecretForm> All { get; } =
    [
        new("AWS access key", "AKIA", 16, 16, OnlyCapitals: true),
        new("AWS access key", "ASIA", 16, 16, OnlyCapitals: true),
        new("GitHub token", "ghp_", 36, 255),
        new("GitHub token", "gho_", 36, 255),
        new("GitHub token", "ghu_", 36, 255),
        new("GitHub token", "ghs_", 36, 255),
        new("GitHub token", "ghr_", 36, 255),
        new("GitHub token", "github_pat_", 22, 255, "_"),
        new("GitLab token", "glpat-", 20, 255, "_-"),
        new("Slack token", "xoxb-", 20, 255, "-"),
        new("Slack token", "xoxp-", 20, 255, "-"),
        new("Slack token", "xoxa-", 20, 255, "-"),
        new("Slack token", "xoxr-", 20, 255, "-"),
        new("Slack token", "xoxs-", 20, 255, "-"),
        new("Slack token", "xapp-", 20, 255, "-"),
        new("Google key", "AIza", 35, 35, "_-"),
        new("Stripe key", "sk_live_", 16, 255),
        new("Stripe key", "rk_live_", 16, 255),
        new("OpenAI or Anthropic key", "sk-", 32, 255, "_-"),
        new("npm token", "npm_", 36, 36),
        new("Hugging Face token", "hf_", 34, 34),
    ];

    /// <summary>The number of characters of the longest key, with its prefix.</summary>
    public static int MaxKeyLength { get; } = All.Max(form => form.Prefix.Length + form.MaxLength);

    public bool Allows(char character) => OnlyCapitals
        ? char.IsAsciiLetterUpper(character) || char.IsAsciiDigit(character)
        : char.IsAsciiLetterOrDigit(character) || OtherCharacters.Contains(character);
}
