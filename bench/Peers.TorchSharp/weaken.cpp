// weaken LIBRARY VERSION: marks the library's need of one symbol version as weak, so that the loader of a system whose
// runtime library stops earlier lets it pass. Rewrites the file; for ELF64 in the byte order of this machine.
#include <cstring>
#include <elf.h>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    std::fstream file(argv[1], std::ios::in | std::ios::out | std::ios::binary);
    std::string image{std::istreambuf_iterator<char>(file), {}};
    if (image.size() < sizeof(Elf64_Ehdr) || std::memcmp(image.data(), ELFMAG, SELFMAG) != 0)
        return 1;

    int found = 0;
    auto *header = reinterpret_cast<Elf64_Ehdr *>(&image[0]);
    auto *sections = reinterpret_cast<Elf64_Shdr *>(&image[header->e_shoff]);
    for (int s = 0; s < header->e_shnum; s++) {
        if (sections[s].sh_type != SHT_GNU_verneed)
            continue;
        const char *names = &image[sections[sections[s].sh_link].sh_offset];
        char *at = &image[sections[s].sh_offset];
        for (unsigned library = 0; library < sections[s].sh_info; library++) {
            auto *need = reinterpret_cast<Elf64_Verneed *>(at);
            char *entry = at + need->vn_aux;
            for (int v = 0; v < need->vn_cnt; v++) {
                auto *version = reinterpret_cast<Elf64_Vernaux *>(entry);
                if (std::strcmp(names + version->vna_name, argv[2]) == 0) {
                    version->vna_flags |= VER_FLG_WEAK;
                    found++;
                }
                entry += version->vna_next;
            }
            at += need->vn_next;
        }
    }

    file.clear();
    file.seekp(0);
    file.write(image.data(), static_cast<std::streamsize>(image.size()));
    return found > 0 && file.flush() ? 0 : 1;
}
