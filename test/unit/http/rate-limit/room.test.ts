import { describe, expect, it } from 'vitest'
import { createRoom, type Room } from '../../../../src/http/rate-limit/room.ts'

function answer(room: Room, times: number): number {
  for (let i = 0; i < times; i++) room.answered('unknown')
  return room.size
}

describe('the room of a group', () => {
  it('is all that is allowed, until something is refused', () => {
    expect(answer(createRoom(8, { isPaced: false }), 10)).toBe(8)
  })

  it('is one request after a refusal, and then one more for each answer, up to half of before', () => {
    const room = createRoom(8, { isPaced: false })
    room.halve()
    room.probe()
    expect(room.size).toBe(1)
    expect([1, 1, 1, 1].map((times) => answer(room, times))).toEqual([2, 3, 4, 4])
  })

  it('is at once what it may be where an answer says how much is left', () => {
    const room = createRoom(8, { isPaced: false })
    room.probe()
    room.answered('known')
    expect(room.size).toBe(8)
  })

  it('comes back step by step while nothing is refused', () => {
    const room = createRoom(8, { isPaced: false })
    room.halve()
    room.probe()
    expect(answer(room, 99)).toBe(4)
    expect(answer(room, 1)).toBe(5)
    expect(answer(room, 1000)).toBe(8)
  })

  it('does not shrink because the one that tries is refused again and again', () => {
    const room = createRoom(8, { isPaced: false })
    for (let refusal = 0; refusal < 5; refusal++) {
      room.halve()
      room.probe()
    }
    expect(answer(room, 10)).toBe(4)
  })

  it('forgives a refusal now and then where starts are paced', () => {
    const room = createRoom(8, { isPaced: true })
    room.halve()
    room.probe()
    expect(answer(room, 100)).toBe(8)
    room.halve()
    room.probe()
    expect(answer(room, 99)).toBe(8)
    room.halve()
    room.probe()
    expect(answer(room, 20)).toBe(4)
  })

  it('is never less than one', () => {
    const room = createRoom(3, { isPaced: false })
    for (let refusal = 0; refusal < 5; refusal++) {
      room.halve()
      room.probe()
      expect(answer(room, 10)).toBe(1)
    }
  })
})
