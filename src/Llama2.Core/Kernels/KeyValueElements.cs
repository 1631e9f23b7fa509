namespace Llama2.Kernels;

/// <summary>
/// Checks the elements of keys and values. NaN and infinity must not be stored: a cache would return them as ordinary numbers, and later tokens would be wrong
/// without any error.
/// </summary>
internal static class KeyValueElements
{
    /// <exception cref="NumericalException">An element is not finite.</exception>
    public static void RequireFinite(ReadOnlySpan<float> elements)
    {
        foreach (float element in elements)
        {
            if (!float.IsFinite(element))
            {
                throw new NumericalException(
                    $"A key or value is {element}; all keys and values must be finite. The model's weights contain such a value, or computing with them overflows. Check the file against its publisher's checksum.", tokenId: null, element);
            }
        }
    }
}
