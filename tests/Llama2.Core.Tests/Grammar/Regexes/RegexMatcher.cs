using System.Text;
using Llama2.Grammar.Regexes;

namespace Llama2.Tests.Grammar.Regexes;

/// <summary>Matches texts against expressions, byte after byte.</summary>
internal static class RegexMatcher
{
    public static bool Matches(this RegexFactory factory, RegexNode node, ReadOnlySpan<byte> text)
    {
        factory.EndBuilding();
        foreach (byte value in text)
            node = factory.Derive(node, value);
        return node.IsNullable;
    }

    public static bool Matches(this RegexFactory factory, RegexNode node, string text) => factory.Matches(node, Encoding.UTF8.GetBytes(text));

    /// <summary>
    /// A text that an expression matches: first random bytes that are allowed, then the shortest completion, which may contain any bytes; null if the
    /// expression matches nothing.
    /// </summary>
    public static byte[]? Walk(this RegexFactory factory, RegexNode node, ByteClasses classes, Random random, int stepCount, Func<byte, bool> isAllowed)
    {
        factory.EndBuilding();
        var text = new List<byte>();
        if (factory.FindDistance(node, classes) == RegexNode.Unreachable)
            return null;
        for (int step = 0; step < stepCount; step++)
        {
            byte value = (byte)random.Next(256);
            if (!isAllowed(value))
                continue;
            RegexNode next = factory.Derive(node, value);
            if (factory.FindDistance(next, classes) == RegexNode.Unreachable)
                continue;
            node = next;
            text.Add(value);
        }

        while (!node.IsNullable)
        {
            int next = factory.FindNextClass(node, classes);
            node = factory.Derive(node, next, classes);
            text.Add(classes.Representative(next));
        }

        return [.. text];
    }
}
