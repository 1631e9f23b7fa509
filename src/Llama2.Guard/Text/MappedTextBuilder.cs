using System.Text;

namespace Llama2.Guard.Text;

/// <summary>Builds a <see cref="MappedText"/>.</summary>
/// <param name="capacity">The expected number of characters.</param>
internal sealed class MappedTextBuilder(int capacity)
{
    private readonly StringBuilder _text = new(capacity);
    private readonly List<int> _starts = new(capacity);
    private readonly List<int> _ends = new(capacity);

    private HashSet<int>? _joints;

    public int Length => _text.Length;

    /// <summary>Notes that the next character is joined to the one before it.</summary>
    public void Join() => (_joints ??= []).Add(Length);

    public void Append(char character, int start, int end)
    {
        _text.Append(character);
        _starts.Add(start);
        _ends.Add(end);
    }

    public void Append(ReadOnlySpan<char> characters, int start, int end)
    {
        foreach (char character in characters)
            Append(character, start, end);
    }

    public MappedText ToMappedText() => new(_text.ToString(), [.. _starts], [.. _ends], _joints);
}
