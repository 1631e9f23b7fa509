namespace Llama2.Conversion;

/// <summary>
/// The order of the rows of query and key matrices. The rotary embedding turns pairs of rows: GGUF has the two of a pair side by side, as in
/// the paper (Su et al. 2021, arXiv 2104.09864); Hugging Face has the first of all pairs of a head before the second of all.
/// </summary>
internal static class HeadRows
{
    /// <summary>The row of Hugging Face's matrix that is a row of GGUF's.</summary>
    public static long ToHuggingFace(long row, int headLength)
    {
        long within = row % headLength;
        return row - within + (within / 2) + (within % 2 * (headLength / 2));
    }

    /// <summary>The row of GGUF's matrix that is a row of Hugging Face's.</summary>
    public static long FromHuggingFace(long row, int headLength)
    {
        long within = row % headLength, half = headLength / 2;
        return row - within + (within % half * 2) + (within / half);
    }
}
