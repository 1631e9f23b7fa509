namespace Llama2.Conversion;

/// <summary>
/// The order of the rows of query and key matrices. The rotary embedding rotates pairs of rows. In GGUF, the two rows of a pair are neighbours, as in
/// the paper (Su et al. 2021, arXiv 2104.09864). In Hugging Face's files, the first rows of all pairs of a head come before the second rows of all
/// pairs.
/// </summary>
internal static class HeadRows
{
    /// <summary>The row in Hugging Face's order that corresponds to a row in GGUF's order.</summary>
    public static long ToHuggingFace(long row, int headLength)
    {
        long within = row % headLength;
        return row - within + (within / 2) + (within % 2 * (headLength / 2));
    }

    /// <summary>The row in GGUF's order that corresponds to a row in Hugging Face's order.</summary>
    public static long FromHuggingFace(long row, int headLength)
    {
        long within = row % headLength, half = headLength / 2;
        return row - within + (within % half * 2) + (within / half);
    }
}
