using System.Collections.ObjectModel;
using Llama2.Guard.Policies;

namespace Llama2.Guard;

/// <summary>
/// The categories by which a guard model judges, in the order in which it reads them. Immutable and thread-safe. A policy of your own has the same form as the published one; a model
/// that was trained with Llama Guard's prompt follows other policies too, less accurately.
/// </summary>
public sealed record GuardPolicy
{
    /// <summary>The maximum number of categories: 64.</summary>
    public const int MaxCategoryCount = 64;

    /// <summary>The maximum size of a file: 1 MiB.</summary>
    public const int MaxFileByteSize = 1 << 20;

    /// <summary>Creates a policy.</summary>
    /// <param name="name">The name, 1 to 128 characters.</param>
    /// <param name="categories">
    /// 1 to <see cref="MaxCategoryCount"/> categories. Copied. The code of each is a capital letter and one or two digits, such as <c>O3</c>, and occurs once.
    /// </param>
    /// <exception cref="ArgumentException">The categories do not meet these requirements.</exception>
    public GuardPolicy(string name, IEnumerable<GuardCategory> categories)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(categories);
        if (name.Length > 128)
            throw new ArgumentException($"The name has {name.Length:N0} characters; at most 128 are allowed.", nameof(name));
        GuardCategory[] copy = [.. categories.Take(MaxCategoryCount + 1)];
        if (copy.Length is 0 or > MaxCategoryCount)
            throw new ArgumentException($"A policy has 1 to {MaxCategoryCount} categories.", nameof(categories));
        foreach (GuardCategory category in copy)
        {
            if (category is null || category.Code.Length > 3 || category.Code is not [>= 'A' and <= 'Z', .. { Length: > 0 } digits] || !digits.All(char.IsAsciiDigit))
                throw new ArgumentException($"The code {category?.Code ?? "null"} is not a capital letter and one or two digits.", nameof(categories));
            if (copy.Count(other => other.Code == category.Code) > 1)
                throw new ArgumentException($"The code {category.Code} occurs twice.", nameof(categories));
        }

        Name = name;
        Categories = new ReadOnlyCollection<GuardCategory>(copy);
    }

    /// <summary>
    /// The policy with which Llama Guard (arXiv 2312.06674) was trained: six categories, O1 to O6. The text is that of the chat template in the model's own files, tokenizer_config.json of
    /// meta-llama/LlamaGuard-7b.
    /// </summary>
    public static GuardPolicy Published { get; } = new("Llama Guard", LlamaGuardCategories.All);

    /// <summary>The uses that Meta's acceptable use policy for Llama 2 prohibits, in words of this library; see <see cref="AcceptableUsePolicy"/>.</summary>
    public static GuardPolicy AcceptableUse { get; } = new("Llama 2 acceptable use", AcceptableUsePolicy.Categories);

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The categories.</summary>
    public IReadOnlyList<GuardCategory> Categories { get; }

    /// <summary>Reads a policy from JSON.</summary>
    /// <param name="utf8Json">
    /// <c>{"name": "…", "categories": [{"code": "O1", "name": "…", "should_not": ["…"], "can": ["…"], "should": ["…"]}]}</c>, at most <see cref="MaxFileByteSize"/> bytes. The three
    /// lists may be absent. Comments and commas after last items are allowed.
    /// </param>
    /// <exception cref="GuardException">The JSON is malformed, too long, or has an unknown or invalid member; the message names the member.</exception>
    public static GuardPolicy Parse(ReadOnlyMemory<byte> utf8Json) => PolicyReader.Read(utf8Json);

    /// <summary>Reads a policy from a file of JSON, as <see cref="Parse"/>. It keeps the calling thread busy for about a millisecond.</summary>
    /// <param name="path">The file, at most <see cref="MaxFileByteSize"/> bytes.</param>
    /// <exception cref="GuardException">The file is malformed or too long.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static GuardPolicy Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream file = File.OpenRead(path);
        byte[] content = new byte[MaxFileByteSize + 1];
        int count = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return Parse(content.AsMemory(0, count));
    }

    /// <summary>Whether name and categories are equal.</summary>
    /// <param name="other">The other policy.</param>
    public bool Equals(GuardPolicy? other) => other is not null && Name == other.Name && Categories.SequenceEqual(other.Categories);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Categories.Count);
}
