using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Llama2.Tokenization;

/// <summary>
/// Reads SentencePiece's <c>tokenizer.model</c>, the message ModelProto of sentencepiece_model.proto. Only byte-pair models are supported. A feature
/// of SentencePiece that is not supported is never ignored: the model is refused, and the error message names the feature.
/// </summary>
internal static class SentencePieceModelReader
{
    // ModelProto: 1 pieces {1 piece, 2 score, 3 type} | 2 trainer_spec | 3 normalizer_spec | 4 self_test_data | 5 denormalizer_spec
    // TrainerSpec: 3 model_type | 24 treat_whitespace_as_suffix | 35 byte_fallback | 40 unk_id | 41 bos_id | 42 eos_id | 44 unk_surface
    // NormalizerSpec: 2 precompiled_charsmap | 3 add_dummy_prefix | 4 remove_extra_whitespaces | 5 escape_whitespaces
    private const int BytePairModel = 2;

    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static Vocabulary Read(ReadOnlySpan<byte> data, string source)
    {
        PieceList pieces = MakeList(new ProtobufReader(data, source, 0, "ModelProto"));
        var trainer = new TrainerSpec();
        var normalizer = new NormalizerSpec();
        var reader = new ProtobufReader(data, source, 0, "ModelProto");
        while (reader.TryReadField(out int field))
        {
            switch (field)
            {
                case 1:
                    ReadPiece(ref reader, pieces);
                    break;
                case 2:
                    ReadTrainer(reader.ReadMessage("TrainerSpec"), trainer);
                    break;
                case 3:
                    ReadNormalizer(reader.ReadMessage("NormalizerSpec"), normalizer);
                    break;
                case 5:
                    RefuseCharacterMap(reader.ReadMessage("DenormalizerSpec"));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        Check(source, pieces, trainer);
        return Vocabulary.Create(source, pieces.Texts, pieces.Scores, pieces.Types, new VocabularyOptions
        {
            UnknownId = trainer.UnknownId,
            BeginOfSequenceId = ControlOrNone(pieces, trainer.BeginOfSequenceId),
            EndOfSequenceId = ControlOrNone(pieces, trainer.EndOfSequenceId),
            AddDummyPrefix = normalizer.AddDummyPrefix,
            RemoveExtraSpaces = normalizer.RemoveExtraSpaces,
            CharacterMap = CharacterMap.Create(normalizer.CharacterMap, source),
            UnknownText = trainer.UnknownText,
        });
    }

    // Pieces are counted first, because lists that grow while they are filled would take three times the memory of lists that have the right size at
    // once. The number of bytes of all messages is an upper limit for the number of characters of all texts.
    private static PieceList MakeList(ProtobufReader model)
    {
        int count = 0, byteSize = 0;
        while (model.TryReadField(out int field))
        {
            if (field == 1)
                (count, byteSize) = (count + 1, byteSize + model.ReadBytes("SentencePiece").Length);
            else
                model.Skip();
        }

        return count <= Vocabulary.MaxCount
            ? new PieceList(count, byteSize)
            : throw model.Fault("number of pieces", count.ToString("N0", CultureInfo.InvariantCulture), FormattableString.Invariant($"a vocabulary may have at most {Vocabulary.MaxCount:N0} pieces"));
    }

    private static void ReadPiece(ref ProtobufReader model, PieceList pieces)
    {
        ReadOnlySpan<byte> text = [];
        float score = 0;
        long type = (long)PieceType.Normal;
        ProtobufReader reader = model.ReadMessage("SentencePiece");
        while (reader.TryReadField(out int field))
        {
            switch (field)
            {
                case 1:
                    text = ReadUtf8(ref reader, "piece");
                    break;
                case 2:
                    score = reader.ReadSingle("score");
                    break;
                case 3:
                    type = reader.ReadInteger("type");
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (text.IsEmpty)
            throw model.Fault("piece", "empty", "every piece must have text");
        if (type is < (long)PieceType.Normal or > (long)PieceType.Byte)
            throw model.Fault("type", type.ToString(CultureInfo.InvariantCulture), "it must be from 1 (normal) to 6 (byte)");
        int id = pieces.Texts.Count;
        pieces.Texts.AddUtf8(text);
        if (!pieces.Seen.TryAdd(id))
            throw model.Fault("piece", pieces.Texts[id], "another piece has the same text");
        // SentencePiece searches for user-defined pieces in text that has U+2581 for every space, so it never finds a piece that contains a plain
        // space.
        bool isNeverFound = (PieceType)type == PieceType.UserDefined && text.Contains((byte)' ');
        pieces.Scores[id] = score;
        pieces.Types[id] = isNeverFound ? PieceType.Unused : (PieceType)type;
    }

    private static void ReadTrainer(ProtobufReader reader, TrainerSpec trainer)
    {
        while (reader.TryReadField(out int field))
        {
            switch (field)
            {
                case 3:
                    trainer.ModelType = reader.ReadInteger("model_type");
                    break;
                case 24 when reader.ReadInteger("treat_whitespace_as_suffix") != 0:
                    throw reader.Fault("treat_whitespace_as_suffix", "true", "only models with the space in front of words are supported");
                case 24:
                    break;
                case 35:
                    trainer.HasByteFallback = reader.ReadInteger("byte_fallback") != 0;
                    break;
                case 40:
                    trainer.UnknownId = ReadId(ref reader, "unk_id");
                    break;
                case 41:
                    trainer.BeginOfSequenceId = ReadId(ref reader, "bos_id");
                    break;
                case 42:
                    trainer.EndOfSequenceId = ReadId(ref reader, "eos_id");
                    break;
                case 44:
                    trainer.UnknownText = ReadText(ref reader, "unk_surface");
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private static void ReadNormalizer(ProtobufReader reader, NormalizerSpec normalizer)
    {
        while (reader.TryReadField(out int field))
        {
            switch (field)
            {
                case 2:
                    normalizer.CharacterMap = reader.ReadBytes("precompiled_charsmap").ToArray();
                    break;
                case 3:
                    normalizer.AddDummyPrefix = reader.ReadInteger("add_dummy_prefix") != 0;
                    break;
                case 4:
                    normalizer.RemoveExtraSpaces = reader.ReadInteger("remove_extra_whitespaces") != 0;
                    break;
                case 5 when reader.ReadInteger("escape_whitespaces") == 0:
                    throw reader.Fault("escape_whitespaces", "false", "only models that write spaces as U+2581 are supported");
                case 5:
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private static void RefuseCharacterMap(ProtobufReader reader)
    {
        while (reader.TryReadField(out int field))
        {
            if (field == 2 && !reader.ReadBytes("precompiled_charsmap").IsEmpty)
                throw reader.Fault("precompiled_charsmap", "present", "a denormalizer, which changes decoded text, is not supported");
            if (field != 2)
                reader.Skip();
        }
    }

    private static void Check(string source, PieceList pieces, TrainerSpec trainer)
    {
        if (trainer.ModelType != BytePairModel)
        {
            string name = trainer.ModelType switch { 1 => "unigram", 3 => "word", 4 => "char", _ => trainer.ModelType.ToString(CultureInfo.InvariantCulture) };
            throw new ModelFormatException(source, null, "TrainerSpec: model_type", name, "only byte-pair models (2), such as Llama's, are supported");
        }

        bool hasBytePieces = pieces.Types.AsSpan().Contains(PieceType.Byte);
        if (hasBytePieces != trainer.HasByteFallback)
        {
            string limit = hasBytePieces ? "the vocabulary has byte pieces, so it must be true" : "the vocabulary has no byte pieces, so it must be false";
            throw new ModelFormatException(source, null, "TrainerSpec: byte_fallback", trainer.HasByteFallback ? "true" : "false", limit);
        }
    }

    /// <summary>As in SentencePiece, the id of a begin or end token is ignored unless its piece is a control piece.</summary>
    private static int ControlOrNone(PieceList pieces, int id) =>
        id >= 0 && id < pieces.Types.Length && pieces.Types[id] != PieceType.Control ? -1 : id;

    private static int ReadId(ref ProtobufReader reader, string field)
    {
        long id = reader.ReadInteger(field);
        return id is >= -1 and < Vocabulary.MaxCount
            ? (int)id
            : throw reader.Fault(field, id.ToString("N0", CultureInfo.InvariantCulture), FormattableString.Invariant($"it must be -1 (none) or below {Vocabulary.MaxCount:N0}"));
    }

    private static string ReadText(ref ProtobufReader reader, string field) => Encoding.UTF8.GetString(ReadUtf8(ref reader, field));

    private static ReadOnlySpan<byte> ReadUtf8(scoped ref ProtobufReader reader, string field)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes(field);
        if (bytes.Length > Vocabulary.MaxPieceByteSize)
        {
            string value = string.Create(CultureInfo.InvariantCulture, $"{bytes.Length:N0} bytes long");
            throw reader.Fault(field, value, "at most 4,096 bytes are allowed");
        }

        if (Utf8.IsValid(bytes))
            return bytes;
        try
        {
            // This call throws the exception that describes the invalid bytes, if there are any.
            _strictUtf8.GetCharCount(bytes);
            return bytes;
        }
        catch (DecoderFallbackException exception)
        {
            throw reader.Fault(field, $"not UTF-8 ({exception.Message})", "text must be UTF-8: the file is damaged");
        }
    }

    private sealed class PieceList
    {
        public PieceList(int count, int characterCapacity)
        {
            Texts = new PieceTexts(count, characterCapacity);
            Seen = new PieceTable(Texts, count);
            Scores = new float[count];
            Types = new PieceType[count];
        }

        public PieceTexts Texts { get; }

        public PieceTable Seen { get; }

        public float[] Scores { get; }

        public PieceType[] Types { get; }
    }

    /// <summary>The protobuf message of this name, with the defaults of sentencepiece_model.proto.</summary>
    private sealed class TrainerSpec
    {
        public long ModelType { get; set; } = 1;

        public bool HasByteFallback { get; set; }

        public int UnknownId { get; set; }

        public int BeginOfSequenceId { get; set; } = 1;

        public int EndOfSequenceId { get; set; } = 2;

        public string UnknownText { get; set; } = VocabularyOptions.DefaultUnknownText;
    }

    /// <summary>The protobuf message of this name, with the defaults of sentencepiece_model.proto.</summary>
    private sealed class NormalizerSpec
    {
        public byte[] CharacterMap { get; set; } = [];

        public bool AddDummyPrefix { get; set; } = true;

        public bool RemoveExtraSpaces { get; set; } = true;
    }
}
