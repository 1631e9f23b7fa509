using System.Collections.ObjectModel;

namespace Llama2.Guard;

/// <summary>A category of unsafe content, with the guidelines that a guard model reads. Immutable and thread-safe.</summary>
/// <param name="Code">
/// A short code such as <c>O3</c>: 1 to 32 ASCII letters, digits and hyphens. A category of a policy for a guard model has a letter and one or two digits,
/// because the model writes the code.
/// </param>
/// <param name="Name">The name in plain words, 1 to 128 characters without line breaks.</param>
public sealed record GuardCategory(string Code, string Name)
{
    /// <summary>The maximum number of guidelines of each kind: 64.</summary>
    public const int MaxGuidelineCount = 64;

    /// <summary>The maximum number of characters of a guideline: 2,048.</summary>
    public const int MaxGuidelineLength = 2048;

    /// <summary>The code.</summary>
    public string Code { get; init => field = CheckCode(value, nameof(Code)); } = CheckCode(Code, nameof(Code));

    /// <summary>The name.</summary>
    public string Name { get; init => field = CheckLine(value, 128, nameof(Name)); } = CheckLine(Name, 128, nameof(Name));

    /// <summary>What a safe message does not do; each guideline is one line. Default none. Copied when set.</summary>
    public IReadOnlyList<string> ShouldNot { get => field ?? []; init => field = CheckLines(value, nameof(ShouldNot)); }

    /// <summary>What a safe message may do although it touches the subject. Default none. Copied when set.</summary>
    public IReadOnlyList<string> Can { get => field ?? []; init => field = CheckLines(value, nameof(Can)); }

    /// <summary>What a safe message ought to do. Default none. Copied when set.</summary>
    public IReadOnlyList<string> Should { get => field ?? []; init => field = CheckLines(value, nameof(Should)); }

    /// <summary>What a prompt has after the name.</summary>
    internal string HeadingEnd { get; init; } = ".";

    /// <summary>Whether code, name and all guidelines are equal.</summary>
    /// <param name="other">The other category.</param>
    public bool Equals(GuardCategory? other) => other is not null && Code == other.Code && Name == other.Name
        && ShouldNot.SequenceEqual(other.ShouldNot) && Can.SequenceEqual(other.Can) && Should.SequenceEqual(other.Should);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Code, Name);

    /// <summary>Code and name, such as <c>O3: Criminal Planning</c>.</summary>
    public override string ToString() => $"{Code}: {Name}";

    private static string CheckCode(string code, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(code, name);
        if (code.Length > 32 || !code.All(character => char.IsAsciiLetterOrDigit(character) || character == '-'))
            throw new ArgumentException($"The code of a category has 1 to 32 ASCII letters, digits and hyphens, and this one has {code.Length:N0} characters.", name);
        return code;
    }

    private static string CheckLine(string line, int maxLength, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(line, name);
        if (line.Length > maxLength || line.AsSpan().IndexOfAny("\r\n\u0085\u2028\u2029") >= 0)
            throw new ArgumentException($"{name} must be one line of at most {maxLength:N0} characters, and has {line.Length:N0}.", name);
        return line;
    }

    private static ReadOnlyCollection<string> CheckLines(IReadOnlyList<string> lines, string name)
    {
        ArgumentNullException.ThrowIfNull(lines, name);
        string[] copy = [.. lines.Take(MaxGuidelineCount + 1)];
        if (copy.Length > MaxGuidelineCount)
            throw new ArgumentException($"{name} has {lines.Count:N0} guidelines; at most {MaxGuidelineCount} are allowed.", name);
        return Array.AsReadOnly(Array.ConvertAll(copy, line => CheckLine(line, MaxGuidelineLength, name)));
    }
}
