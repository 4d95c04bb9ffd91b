using System.Buffers.Binary;
using System.Globalization;

namespace Facula.CudaEmulator;

/// <summary>Reads a module's text, by the PTX ISA's grammar (version 7.8, and what 8.0 adds for sm_90a).</summary>
internal sealed class Parser
{
    private readonly string text;
    private readonly List<Token> tokens;
    private readonly PtxModule module = new();
    private readonly Stack<Dictionary<string, (int Index, PtxType Type)>> scopes = new();
    private int position;

    private Parser(string text)
    {
        this.text = text;
        tokens = Lexer.Read(text);
    }

    public static PtxModule Parse(string text)
    {
        var parser = new Parser(text);
        parser.Module();
        return parser.module;
    }

    private Token Next => tokens[position];

    private Token Take() => tokens[Next.Kind == TokenKind.End ? position : position++];

    private bool Accept(string mark)
    {
        if (!Next.Is(mark)) return false;
        position++;
        return true;
    }

    private bool AcceptWord(string word)
    {
        if (Next.Kind != TokenKind.Word || Next.Text != word) return false;
        position++;
        return true;
    }

    private void Expect(string mark)
    {
        if (!Accept(mark)) throw Unexpected($"'{mark}'");
    }

    private string Word() => Next.Kind == TokenKind.Word ? Take().Text : throw Unexpected("a name");

    private int Integer() =>
        Next.Kind == TokenKind.Number && Next.Type == PtxType.S64 && Next.Bits <= int.MaxValue ? (int)Take().Bits : throw Unexpected("a whole number");

    private PtxException Unexpected(string wanted) => new(Next.Line, $"Parsing error near '{Next.Text}': syntax error, {wanted} expected");

    private void Module()
    {
        if (!AcceptWord(".version")) throw new PtxException(Next.Line, "Missing .version directive at start of file");
        string[] version = Take().Text.Split('.');
        module.Version = (int.Parse(version[0], CultureInfo.InvariantCulture) * 10) + int.Parse(version[1], CultureInfo.InvariantCulture);
        if (!AcceptWord(".target")) throw new PtxException(Next.Line, "Missing .target directive");
        string target = Word();
        module.IsArchitectureSpecific = target.EndsWith('a');
        if (!target.StartsWith("sm_", StringComparison.Ordinal) || !int.TryParse(target.AsSpan(3).TrimEnd('a'), out int architecture))
            throw new PtxException(Next.Line, $"Unrecognized target '{target}'");
        module.Target = architecture;
        while (Accept(",")) Word();
        if (AcceptWord(".address_size") && Integer() != 64) throw new PtxException(Next.Line, "Only 64-bit addresses are supported");
        while (Next.Kind != TokenKind.End)
        {
            while (AcceptWord(".visible") || AcceptWord(".extern") || AcceptWord(".weak")) { }
            if (AcceptWord(".entry")) ReadEntry();
            else if (Next.Text is ".global" or ".const" or ".shared") module.Variables.AddRange(Variables());
            else if (Next.Text is ".file" or ".section" or ".loc") throw new PtxException(Next.Line,
                $"The directive {Next.Text} is not one that the emulator knows");
            else throw Unexpected("a module's directive");
        }
    }

    private void ReadEntry()
    {
        var entry = new Entry { Name = Word(), Line = Next.Line };
        if (module.Entries.Exists(other => other.Name == entry.Name)) throw new PtxException(entry.Line, $"Duplicate definition of function '{entry.Name}'");
        if (Accept("(") && !Accept(")"))
        {
            int offset = 0;
            do
            {
                if (Next.Text != ".param") throw Unexpected(".param");
                Variable parameter = Declaration();
                offset = (offset + parameter.Alignment - 1) / parameter.Alignment * parameter.Alignment;
                parameter.Address = (ulong)offset;
                offset += parameter.Bytes;
                entry.Parameters.Add(parameter);
            } while (Accept(","));
            Expect(")");
            if (offset > 4352) throw new PtxException(entry.Line, "Formal parameter space overflowed (4352 bytes max)");
        }
        while (!Next.Is("{"))
        {
            string directive = Word();
            if (directive is ".maxntid" or ".reqntid")
            {
                int threads = Integer();
                while (Accept(",")) threads *= Integer();
                if (directive == ".maxntid") entry.MaxThreads = threads;
                else entry.RequiredThreads = threads;
            }
            else if (directive is ".minnctapersm" or ".maxnctapersm" or ".maxnreg" or ".reqnctapercluster" or ".maxclusterrank")
            {
                Integer();
                while (Accept(",")) Integer();
            }
            else if (directive == ".pragma")
            {
                Take();
                Expect(";");
            }
            else if (directive != ".explicitcluster") throw new PtxException(Next.Line, $"Unknown directive '{directive}'");
        }
        Block(entry);
        module.Entries.Add(entry);
    }

    private void Block(Entry entry)
    {
        Expect("{");
        scopes.Push([]);
        while (!Accept("}"))
        {
            if (Next.Kind == TokenKind.End) throw Unexpected("'}'");
            if (Next.Is("{")) Block(entry);
            else if (AcceptWord(".reg")) Registers(entry);
            else if (Next.Text is ".shared" or ".local") entry.Variables.AddRange(Variables());
            else if (AcceptWord(".pragma"))
            {
                Take();
                Expect(";");
            }
            else if (Next.Kind == TokenKind.Word && tokens[position + 1].Is(":"))
            {
                Token label = Take();
                position++;
                if (!entry.Labels.TryAdd(label.Text, entry.Statements.Count)) throw new PtxException(label.Line,
                    $"Duplicate definition of label '{label.Text}'");
            }
            else if (Next.Text is ".loc")
            {
                while (!Next.Is(";") && Next.Line == tokens[position - 1].Line) position++;
            }
            else if (!Accept(";")) entry.Statements.Add(Instruction());
        }
        scopes.Pop();
    }

    private void Registers(Entry entry)
    {
        int line = Next.Line;
        string name = Word();
        PtxType type = PtxTypes.Parse(name.TrimStart('.'));
        if (type == PtxType.None || type.Bytes() == 1 || type is PtxType.BF16x2 or PtxType.BF16 or PtxType.TF32)
            throw new PtxException(line, $"Illegal type '{name}' of a register");
        do
        {
            string stem = Word();
            if (Accept("<"))
            {
                int count = Integer();
                Expect(">");
                for (int i = 0; i < count; i++) Declare($"{stem}{i}");
            }
            else Declare(stem);
        } while (Accept(","));
        Expect(";");

        void Declare(string register)
        {
            if (!scopes.Peek().TryAdd(register, (entry.Registers.Count, type))) throw new PtxException(line, $"Duplicate definition of variable '{register}'");
            entry.Registers.Add(type);
        }
    }

    private List<Variable> Variables()
    {
        var found = new List<Variable> { Declaration() };
        Expect(";");
        return found;
    }

    /// <summary>State space, alignment, type, name, sizes, initial values.</summary>
    private Variable Declaration()
    {
        int line = Next.Line;
        string space = Word();
        int alignment = AcceptWord(".align") ? Integer() : 0;
        string name = Word();
        int lanes = name switch { ".v2" => 2, ".v4" => 4, _ => 1 };
        if (lanes > 1) name = Word();
        PtxType type = PtxTypes.Parse(name.TrimStart('.'));
        if (type.Bytes() == 0) throw new PtxException(line, $"Illegal type '{name}'");
        while (AcceptWord(".ptr") || AcceptWord(".global") || AcceptWord(".const")) { }
        if (AcceptWord(".align")) Integer(); // of what a pointer points to
        if (alignment == 0) alignment = type.Bytes() * lanes;
        if ((alignment & (alignment - 1)) != 0) throw new PtxException(line, "Alignment must be a power of two");
        name = Word();
        long count = lanes;
        bool dynamic = false, array = false;
        while (Accept("["))
        {
            array = true;
            if (Accept("]")) dynamic = true;
            else
            {
                count *= Integer();
                Expect("]");
            }
        }
        byte[]? initial = null;
        if (Accept("="))
        {
            initial = Initial(type, dynamic ? -1 : (int)count * type.Bytes());
            if (dynamic) (dynamic, count) = (false, initial.Length / type.Bytes());
        }
        else if (dynamic && space != ".shared") throw new PtxException(line, $"'{name}' has no size");
        if (space == ".param" && array && dynamic) throw new PtxException(line, $"'{name}' has no size");
        return new Variable
        {
            Name = name,
            Space = space,
            Type = type,
            Alignment = alignment,
            IsDynamic = dynamic,
            Initial = initial,
            Bytes = dynamic ? 0 : checked((int)(count * type.Bytes())),
        };
    }

    private byte[] Initial(PtxType type, int bytes)
    {
        var values = new List<byte>();
        Span<byte> word = stackalloc byte[8];
        bool list = Accept("{");
        do
        {
            if (list && Next.Is("}")) break;
            BinaryPrimitives.WriteUInt64LittleEndian(word, Literal(Immediate(), type, Next.Line));
            values.AddRange(word[..type.Bytes()]);
        } while (list && Accept(","));
        if (list) Expect("}");
        if (bytes >= 0 && values.Count > bytes) throw new PtxException(Next.Line, "Too many initial values");
        while (values.Count < bytes) values.Add(0);
        return [.. values];
    }

    /// <summary>The bits that an immediate has as a value of a type.</summary>
    public static ulong Literal(Operand immediate, PtxType type, int line)
    {
        bool real = immediate.Type is PtxType.F32 or PtxType.F64;
        if (type is PtxType.F32 or PtxType.F64)
        {
            if (!real) throw new PtxException(line, "Floating-point immediate expected");
            if (immediate.Type == type) return immediate.Bits;
            return type == PtxType.F32 ? BitConverter.SingleToUInt32Bits((float)BitConverter.UInt64BitsToDouble(immediate.Bits))
                : BitConverter.DoubleToUInt64Bits(BitConverter.UInt32BitsToSingle((uint)immediate.Bits));
        }
        if (real && !type.IsBits()) throw new PtxException(line, "Integer immediate expected");
        return type.Bytes() switch { 1 => (byte)immediate.Bits, 2 => (ushort)immediate.Bits, 4 => (uint)immediate.Bits, _ => immediate.Bits };
    }

    private Statement Instruction()
    {
        Token first = Next;
        Operand? predicate = null;
        if (Accept("@"))
        {
            bool negated = Accept("!");
            Operand guard = Simple();
            if (guard.Type != PtxType.Pred) throw new PtxException(first.Line, "A predicate expected after '@'");
            predicate = new() { Kind = OperandKind.Register, Register = guard.Register, Type = PtxType.Pred, Negated = negated };
        }
        string[] opcode = Word().Split('.');
        var operands = new List<Operand>();
        if (!Next.Is(";"))
        {
            do
            {
                Operand operand = Full();
                if (Accept("|")) operand.Second = Full();
                operands.Add(operand);
            } while (Accept(","));
        }
        int end = Next.End;
        Expect(";");
        return new(first.Line, text[first.Start..end].ReplaceLineEndings(" "), predicate, opcode, [.. operands]);
    }

    private Operand Full()
    {
        if (Accept("{"))
        {
            var parts = new List<Operand>();
            do parts.Add(Simple());
            while (Accept(","));
            Expect("}");
            return new() { Kind = OperandKind.Vector, Parts = [.. parts] };
        }
        if (Accept("["))
        {
            Operand start = Simple();
            long offset = 0;
            var parts = new List<Operand> { start };
            while (Next.Is("+") || Next.Is("-"))
            {
                bool minus = Take().Text == "-";
                long number = (long)Immediate().Bits;
                offset += minus ? -number : number;
            }
            if (Accept(",")) parts.AddRange(Full().Parts);
            Expect("]");
            return new() { Kind = OperandKind.Address, Parts = [.. parts], Offset = offset };
        }
        if (!Accept("!")) return Simple();
        Operand inner = Simple();
        return new() { Kind = inner.Kind, Register = inner.Register, Type = inner.Type, Name = inner.Name, Negated = true };
    }

    private Operand Immediate()
    {
        bool minus = Accept("-");
        if (!minus) Accept("+");
        if (Next.Kind != TokenKind.Number) throw Unexpected("a number");
        Token number = Take();
        ulong bits = !minus ? number.Bits : number.Type switch
        {
            PtxType.F32 => number.Bits ^ 0x80000000,
            PtxType.F64 => number.Bits ^ (1UL << 63),
            _ => (ulong)-(long)number.Bits,
        };
        return new() { Kind = OperandKind.Immediate, Bits = bits, Type = number.Type };
    }

    /// <summary>A register, a number, or a name.</summary>
    private Operand Simple()
    {
        if (Next.Kind == TokenKind.Number || Next.Is("-")) return Immediate();
        string name = Word();
        if (name == "_") return new() { Kind = OperandKind.Sink };
        if (name == "WARP_SZ") return new() { Kind = OperandKind.Immediate, Bits = 32, Type = PtxType.S64 };
        foreach (var scope in scopes)
        {
            if (scope.TryGetValue(name, out var register)) return new()
            {
                Kind = OperandKind.Register,
                Register = register.Index,
                Type = register.Type,
                Name = name
            };
        }
        return new() { Kind = OperandKind.Symbol, Name = name };
    }
}
